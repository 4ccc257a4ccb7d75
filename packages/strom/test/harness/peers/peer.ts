/**
 * A client reduced to its bytes: sends requests, and tells the message texts that came back for
 * each of them, in order. One implementation per transport.
 *
 * @module
 */
import type { LogLevel } from '../../../src/base/log-level.ts';

export type Fields = Record<string, unknown>;

export interface RequestOptions {
  /** Ask for progress. Default `true`. */
  readonly wantsProgress?: boolean;
}

export interface Peer extends AsyncDisposable {
  /** The revision spoken. */
  readonly revision: string;
  /** Sends a request. */
  request(method: string, params?: Fields, options?: RequestOptions): Promise<Exchange>;
  /** Asks for log lines of this level and above, from now on. */
  setLogLevel(level: LogLevel): Promise<void>;
  /** Cancels a request in the way of the transport. */
  cancel(exchange: Exchange): Promise<void>;
}

/** One request and everything that came back for it. */
export class Exchange {
  readonly id: number;
  readonly #messages: string[] = [];
  #hasEnded = false;
  #taken = 0;
  #wake: (() => void) | undefined;

  constructor(id: number) {
    this.id = id;
  }

  /** The progress token the request carries. */
  get token(): string {
    return `token-${this.id}`;
  }

  /** To be called by the peer with each message text. */
  deliver(message: string): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** To be called by the peer when nothing more can come. */
  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  /** The next message text; `undefined` at the end. */
  async next(): Promise<string | undefined> {
    await this.#until(() => this.#taken < this.#messages.length);
    const message = this.#messages[this.#taken];
    this.#taken += 1;
    return message;
  }

  /** All message texts, the answer last. */
  async all(): Promise<readonly string[]> {
    await this.#until(() => false);
    return this.#messages;
  }

  /** The answer, parsed; fails when there is none. */
  async answer(): Promise<{ result?: Fields; error?: { code: number; message: string } }> {
    const last = (await this.all()).at(-1);
    if (last === undefined) throw new Error('no answer');
    return JSON.parse(last);
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!this.#hasEnded && !condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
