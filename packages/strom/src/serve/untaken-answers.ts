import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';

const LOOKS_PER_TIMEOUT = 5;
const MAX_PERIOD_MS = 60_000;
/** What HTTP/2 calls a stream that is not needed any more. */
const CANCEL = 0x8;

export interface UntakenBounds {
  /**
   * A reader that takes nothing for so long is cut off, in milliseconds; 0 and infinity for as long as it
   * takes.
   */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

/** What carries answers: a connection of HTTP/1.1, or one stream of HTTP/2. */
export type Carrier = Socket | ServerHttp2Stream;

interface CutOptions extends UntakenBounds {
  /** Whether somebody has to take what a carrier was told; by default where it has not left. */
  readonly isWaiting?: (carrier: Carrier) => boolean;
}

/**
 * Cuts off carriers whose reader takes nothing of what was said to it. Looked at now and then: to watch
 * every answer by itself would cost each of them, and hardly one is not taken at once.
 *
 * @param open - the carriers there are at any time
 * @returns how to stop; `undefined` where there is no bound
 */
export function cutUntaken(
  open: Iterable<Carrier>,
  { stallTimeoutMs, clock, isWaiting = hasUntaken }: CutOptions,
): Timer | undefined {
  if (!(stallTimeoutMs > 0 && Number.isFinite(stallTimeoutMs))) return undefined;
  const watched = new Set<Carrier>();
  // No whole number, to be told from what Node and streams set on the same carrier.
  const timeoutMs = stallTimeoutMs + 0.5;
  const look = (): void => {
    for (const carrier of watched) if (!isWaiting(carrier)) letBe(carrier);
    for (const carrier of open) if (isWaiting(carrier) && !isTimed(carrier)) watch(carrier);
  };
  const watch = (carrier: Carrier): void => {
    watched.add(carrier);
    // A timeout counts bytes that are taken: of a connection by the kernel, of a stream by its window.
    carrier.setTimeout(timeoutMs, giveUp);
  };
  const letBe = (carrier: Carrier): void => {
    watched.delete(carrier);
    carrier.off('timeout', giveUp);
    // What is said next may take as long as it needs.
    if (timeoutOf(carrier) === timeoutMs) carrier.setTimeout(0);
  };
  return clock.every(Math.min(stallTimeoutMs / LOOKS_PER_TIMEOUT, MAX_PERIOD_MS), look);
}

/**
 * The same for a server that is somebody else's, which tells of its carriers only as it hands requests
 * on. Looks while there are any; what others answer on the same connections is no business of ours.
 */
export class UntakenElsewhere {
  readonly #bounds: UntakenBounds;
  /** With the last answer of ours, until it has left. */
  readonly #open = new Map<Carrier, ServerResponse | undefined>();
  readonly #forget: (this: Carrier) => void;
  #looks: Timer | undefined;

  constructor(bounds: UntakenBounds) {
    this.#bounds = bounds;
    const open = this.#open;
    const stop = (): void => this.#stop();
    // One for all carriers.
    this.#forget = function forget(): void {
      open.delete(this);
      if (open.size === 0) stop();
    };
  }

  /** To be called for what carries the answer to a request, as often as there are requests. */
  readonly add = (carrier: Carrier, answer: ServerResponse): void => {
    if (carrier.destroyed) return;
    if (!this.#open.has(carrier)) carrier.on('close', this.#forget);
    this.#open.set(carrier, answer);
    this.#looks ??= cutUntaken(
      { [Symbol.iterator]: () => this.#open.keys() },
      { ...this.#bounds, isWaiting: (open) => this.#isWaiting(open) },
    );
  };

  #isWaiting(carrier: Carrier): boolean {
    const answer = this.#open.get(carrier);
    if (answer === undefined) return false;
    if (!answer.writableFinished && !answer.destroyed) return hasUntaken(carrier);
    this.#open.set(carrier, undefined);
    return false;
  }

  #stop(): void {
    this.#looks?.cancel();
    this.#looks = undefined;
  }
}

function hasUntaken(carrier: Carrier): boolean {
  return carrier.writableLength > 0 && !carrier.destroyed;
}

/** Whether somebody watches it already. */
function isTimed(carrier: Carrier): boolean {
  return timeoutOf(carrier) !== 0;
}

/** Node keeps it on streams of HTTP/2 as it does on sockets. */
function timeoutOf(carrier: Carrier): number {
  return (carrier as Socket).timeout ?? 0;
}

function giveUp(this: Carrier): void {
  if ('session' in this) this.close(CANCEL);
  else this.destroy();
}
