/**
 * Lets long messages through an outbox. In its queue a short text stands for each; where that text
 * is written, the message is, piece by piece, each when the reader has taken the one before.
 *
 * @module
 */
import type { Pieces } from '../protocol/json-pieces.ts';
import type { Drainable, OutboxTarget } from './outbox.ts';
import { LongQueue, type QueueGauge } from './queue-gauge.ts';

/** No peer and no tool can know it. */
const MARK = `long-${Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')}`;
const MARKED = new RegExp(`${MARK}:(\\d+):`);

/** Stands between an outbox and the target it writes to. */
export class LongMessages implements OutboxTarget, Drainable {
  readonly #target: OutboxTarget;
  readonly #gauge: QueueGauge | undefined;
  /** Made on first need: most streams never have one. */
  #waiting: Map<string, Iterable<string>> | undefined;
  /** Counts them and what is left of the one that is written. */
  #queue: LongQueue | undefined;
  #held = 0;
  /** What is being written; nothing else may come between. */
  #rest: Generator<string> | undefined;
  #source: Drainable | undefined;
  #isBehind = false;

  /** @param gauge - counts what waits, where anybody wants to know */
  constructor(target: OutboxTarget, gauge?: QueueGauge) {
    this.#target = target;
    this.#gauge = gauge;
  }

  /** Whether a message waits for a reader who is behind. */
  get isOverfull(): boolean {
    return this.#isBehind && this.#waiting !== undefined;
  }

  /** Keeps a message; gives what stands for it in the frame to be written. */
  hold(message: Pieces): string {
    const index = String(this.#held++);
    this.#waiting ??= new Map();
    this.#waiting.set(index, this.#counted(message));
    return `${MARK}:${index}:`;
  }

  write(text: string, source: Drainable): boolean {
    this.#source = source;
    if (this.#waiting === undefined) return this.#write(text);
    this.#rest = chained(this.#whole(text));
    return this.#goOn();
  }

  end(text: string, more?: Iterable<string>): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest === undefined && this.#waiting === undefined) this.#target.end(text, more);
    else this.#target.end('', chained([rest ?? [], ...this.#whole(text), more ?? []]));
  }

  /** To be called by the target when the reader has caught up. */
  drained(): void {
    this.#isBehind = false;
    if (this.#goOn()) this.#source?.drained();
  }

  /** To be called when nobody reads any more. */
  gone(): void {
    this.#queue?.gone();
  }

  #counted(message: Pieces): Iterable<string> {
    if (this.#gauge === undefined) return message;
    this.#queue ??= new LongQueue(this.#gauge);
    return this.#queue.wait(message);
  }

  /** @returns whether the reader keeps up, and nothing is left to be written */
  #goOn(): boolean {
    while (this.#rest !== undefined) {
      const { done, value } = this.#rest.next();
      if (done === true) this.#rest = undefined;
      else if (!this.#write(value)) return false;
    }
    return true;
  }

  #write(text: string): boolean {
    const keepsUp = this.#target.write(text, this);
    if (!keepsUp) this.#isBehind = true;
    return keepsUp;
  }

  /** A text with the messages that stand in it; they wait no longer. */
  #whole(text: string): readonly Iterable<string>[] {
    const waiting = this.#waiting;
    const parts = text.split(MARKED).map((part, place) => {
      if (place % 2 === 0) return part === '' ? [] : [part];
      const message = waiting?.get(part) ?? [];
      waiting?.delete(part);
      return message;
    });
    if (waiting?.size === 0) this.#waiting = undefined;
    return parts;
  }
}

function* chained(parts: readonly Iterable<string>[]): Generator<string> {
  for (const part of parts) yield* part;
}
