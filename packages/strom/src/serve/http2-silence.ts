/**
 * Connections of HTTP/2 whose client is not there any more, though nothing says so.
 *
 * @module
 */
import type { ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../base/clock.ts';

const LOOKS_PER_TIMEOUT = 5;
const MAX_PERIOD_MS = 60_000;

interface Connection {
  readonly session: ServerHttp2Session;
  readonly socket: TLSSocket;
  bytesRead: number;
  /**
   * How many looks have found that no more than those bytes had come. They are counted, because time alone
   * also passes where nobody could have read: while the process was busy, or stopped.
   */
  silentLooks: number;
}

export interface SilenceBounds {
  /**
   * A client that has said nothing for so long is asked for a sign of life, and cut off when it gives none
   * for as long again, in milliseconds; 0 and infinity for never.
   */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * Asks silent clients for a sign of life, which every client of HTTP/2 gives by itself (RFC 9113, section
 * 6.7). It finds those that were lost without a word, and connections whose client has broken a rule: Node
 * tells such a client to leave, never reads from it again, and so does not notice that it has left. Its calls
 * would run for nobody.
 */
export class Silence {
  /** So many silent looks are as long as the patience. */
  readonly #patience: number;
  readonly #connections = new Set<Connection>();
  readonly #looks: Timer | undefined;

  constructor({ stallTimeoutMs, clock }: SilenceBounds) {
    const periodMs = Math.min(MAX_PERIOD_MS, stallTimeoutMs / LOOKS_PER_TIMEOUT);
    this.#patience = Math.ceil(stallTimeoutMs / periodMs);
    if (!(stallTimeoutMs > 0 && Number.isFinite(stallTimeoutMs))) return;
    this.#looks = clock.every(periodMs, () => this.#look());
  }

  /** Watches a connection until it is closed. */
  watch(session: ServerHttp2Session, socket: TLSSocket): void {
    if (this.#looks === undefined) return;
    const connection = { session, socket, bytesRead: 0, silentLooks: 0 };
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  stop(): void {
    this.#looks?.cancel();
  }

  #look(): void {
    for (const connection of this.#connections) {
      const { session, socket } = connection;
      connection.silentLooks += 1;
      if (socket.bytesRead !== connection.bytesRead) {
        connection.bytesRead = socket.bytesRead;
        connection.silentLooks = 0;
      } else if (connection.silentLooks >= 2 * this.#patience) socket.destroy();
      else if (connection.silentLooks === this.#patience && !session.destroyed) {
        session.ping(ignore);
      }
    }
  }
}

function ignore(): void {
  // The answer counts as any other byte; without one, the next looks tell.
}
