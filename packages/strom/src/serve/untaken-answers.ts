import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';

const LOOKS_PER_TIMEOUT = 5;
const MAX_PERIOD_MS = 60_000;

export interface UntakenBounds {
  /** A reader that takes nothing for so long is cut off, in milliseconds; 0 for as long as it takes. */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Cuts off connections of HTTP/1.1 whose reader takes nothing of what was said to it. Looked at now and
 * then: to watch every answer by itself would cost each of them, and hardly one is not taken at once.
 *
 * @param open - the connections there are at any time
 * @returns how to stop; `undefined` where there is no bound
 */
export function cutUntaken(
  open: ReadonlySet<Socket>,
  { stallTimeoutMs, clock }: UntakenBounds,
): Timer | undefined {
  if (!(stallTimeoutMs > 0)) return undefined;
  const watched = new Set<Socket>();
  // No whole number, to be told from what Node and streams set on the same socket.
  const timeoutMs = stallTimeoutMs + 0.5;
  const look = (): void => {
    for (const socket of watched) if (!isWaiting(socket)) letBe(socket);
    for (const socket of open) if (isWaiting(socket) && (socket.timeout ?? 0) === 0) watch(socket);
  };
  const watch = (socket: Socket): void => {
    watched.add(socket);
    // A timeout counts bytes the kernel takes. Node destroys what is over it.
    socket.setTimeout(timeoutMs);
  };
  const letBe = (socket: Socket): void => {
    watched.delete(socket);
    // What is said next may take as long as it needs.
    if (socket.timeout === timeoutMs) socket.setTimeout(0);
  };
  return clock.every(Math.min(stallTimeoutMs / LOOKS_PER_TIMEOUT, MAX_PERIOD_MS), look);
}

function isWaiting(socket: Socket): boolean {
  return socket.writableLength > 0 && !socket.destroyed;
}
