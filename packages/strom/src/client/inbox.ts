/**
 * The messages of one request on their way to the caller: a queue with a bound.
 *
 * A stream of its own (HTTP) waits in {@link Inbox.whenRoom} before it reads on, so a caller that
 * takes its time slows the socket down. Where that is impossible, {@link Inbox.shed} gives up the
 * oldest notices; the response itself is never given up.
 *
 * @module
 */
import type { RpcMessage } from '../protocol/message.ts';

/** A reader pauses above this many characters. */
export const FULL_CHARS = 256 * 1024;
/** Above this many characters a channel that cannot pause drops the oldest notices. */
export const OVERFULL_CHARS = 4 * 1024 * 1024;
/** So many it drops at a time. */
const SHED_CHARS = 64 * 1024;

interface Entry {
  readonly message: RpcMessage;
  readonly chars: number;
  /** Came over a channel that other requests use as well. */
  readonly isShared: boolean;
}

interface Taker {
  resolve: (message: RpcMessage) => void;
  reject: (error: Error) => void;
}

/** One reader, any number of writers. Made by the switchboard, one for each request in flight. */
export class Inbox {
  readonly id: number;
  readonly #onChange: () => void;
  #entries: Entry[] = [];
  #head = 0;
  #chars = 0;
  #taker: Taker | undefined;
  #failure: Error | undefined;
  #isAnswered = false;
  #roomWaiters: (() => void)[] = [];
  #questions = 0;
  #dropped = 0;

  /** @param onChange - called when there may be room again or a reader starts to wait */
  constructor(id: number, onChange: () => void) {
    this.id = id;
    this.#onChange = onChange;
  }

  /** Whether the response has arrived, or nothing will arrive any more. */
  get isSettled(): boolean {
    return this.#isAnswered || this.#failure !== undefined;
  }

  get isFull(): boolean {
    return this.#chars > FULL_CHARS && !this.isSettled;
  }

  /** Whether a reader waits in vain. */
  get isStarving(): boolean {
    return this.#taker !== undefined;
  }

  /** Whether a question of the server is being answered on behalf of this request. */
  get hasOpenQuestion(): boolean {
    return this.#questions > 0;
  }

  /** How many notices {@link shed} has dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a message; after the response or a failure, nothing more is taken. */
  push(entry: Entry): void {
    if (this.isSettled) return;
    const { message, chars } = entry;
    if (message.kind === 'response') this.#isAnswered = true;
    const taker = this.#taker;
    if (taker === undefined) {
      this.#entries.push(entry);
      this.#chars += chars;
    } else {
      this.#taker = undefined;
      taker.resolve(message);
    }
    if (this.#isAnswered) this.#announceRoom();
  }

  /** Ends the inbox after what it holds. */
  fail(error: Error): void {
    if (this.isSettled) return;
    this.#failure = error;
    this.#taker?.reject(error);
    this.#taker = undefined;
    this.#announceRoom();
  }

  /** Ends the inbox at once; what it holds is discarded. */
  abort(error: Error): void {
    this.#entries = [];
    this.#head = 0;
    this.#chars = 0;
    this.#isAnswered = false;
    this.fail(error);
  }

  /** The next message; one caller at a time. Rejects when the inbox has failed. */
  take(): Promise<RpcMessage> {
    const entry = this.#shift();
    if (entry !== undefined) return Promise.resolve(entry.message);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
      this.#onChange();
    });
  }

  /** Settles when the reader has caught up, or needs nothing more. */
  whenRoom(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Drops the oldest notices from shared channels until what is left is within bounds. */
  shed(): void {
    if (this.#chars <= OVERFULL_CHARS) return;
    const newest = this.#entries.length - 1;
    // More than needed, so that not every further notice has to look through all that waits.
    const excess = this.#chars - OVERFULL_CHARS + SHED_CHARS;
    let shed = 0;
    this.#entries = this.#entries.filter(({ isShared, chars }, place) => {
      if (place < this.#head) return false;
      if (!isShared || shed >= excess || place === newest) return true;
      shed += chars;
      this.#dropped += 1;
      return false;
    });
    this.#head = 0;
    this.#chars -= shed;
    if (!this.isFull) this.#announceRoom();
  }

  /** Marks a question as open; call the returned function when it is answered. */
  holdForQuestion(): () => void {
    this.#questions += 1;
    return () => {
      this.#questions -= 1;
    };
  }

  #shift(): Entry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    this.#chars -= entry.chars;
    if (this.#head === this.#entries.length || this.#head > 1024) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (!this.isFull) this.#announceRoom();
    return entry;
  }

  #announceRoom(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resolve of waiters) resolve();
    this.#onChange();
  }
}
