import { utf8Length } from '../base/utf8-length.ts';
import type { Pieces } from '../protocol/json-pieces.ts';

/** What waits in all streams that share it, in bytes. */
export interface QueueGauge {
  bytes: number;
}

/** What long messages of one stream add to a gauge, until their reader has taken them or is gone. */
export class LongQueue {
  readonly #gauge: QueueGauge;
  #bytes = 0;
  #isGone = false;

  constructor(gauge: QueueGauge) {
    this.#gauge = gauge;
  }

  /** Counts a message that waits; gives its pieces, to be taken once. */
  wait(message: Pieces): Iterable<string> {
    if (this.#isGone) return message;
    this.#add(message.bytes);
    return this.#taken(message);
  }

  /** Nobody takes anything any more. */
  gone(): void {
    this.#isGone = true;
    this.#add(-this.#bytes);
  }

  *#taken(message: Pieces): Generator<string> {
    for (const piece of message) {
      if (!this.#isGone) this.#add(-utf8Length(piece));
      yield piece;
    }
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.#gauge.bytes += bytes;
  }
}
