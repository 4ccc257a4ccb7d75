import { utf8Length } from '../base/utf8-length.ts';

/**
 * What became of the messages of one call, or of all of them. Plain numbers, because they change
 * with every notification; who wants to know reads them when it is over, or when asked.
 */
export class Tally {
  /** Notifications the call had for its reader. */
  events = 0;
  /** Those of them a newer one took the place of. */
  coalesced = 0;
  /** Those of them that were left out because the reader was slow, or takes none. */
  dropped = 0;
  /** Bytes of what was written, without framing and headers. */
  bytes = 0;
  readonly #total: Tally | undefined;

  /** @param total - counts along, for all calls together */
  constructor(total?: Tally) {
    this.#total = total;
  }

  /** A notification is on its way. */
  countEvent(message: string): void {
    this.countLongEvent(utf8Length(message));
  }

  /** A notification of so many bytes is on its way. */
  countLongEvent(bytes: number): void {
    this.events += 1;
    this.#addBytes(bytes);
    if (this.#total !== undefined) this.#total.events += 1;
  }

  /** The answer is on its way. */
  countAnswer(message: string): void {
    this.countBytes(utf8Length(message));
  }

  /** So many bytes of the answer are on their way. */
  countBytes(bytes: number): void {
    this.#addBytes(bytes);
  }

  /** A notification that was on its way will not arrive: a newer one does. */
  countCoalesced(message: string): void {
    this.coalesced += 1;
    this.#addBytes(-utf8Length(message));
    if (this.#total !== undefined) this.#total.coalesced += 1;
  }

  /** A notification that was on its way will not arrive. */
  countDropped(message: string): void {
    this.countLongDropped(utf8Length(message));
  }

  /** A notification of so many bytes that was on its way will not arrive. */
  countLongDropped(bytes: number): void {
    this.dropped += 1;
    this.#addBytes(-bytes);
    if (this.#total !== undefined) this.#total.dropped += 1;
  }

  /** A report was replaced by a newer one before it became a message. */
  countPaced(): void {
    this.events += 1;
    this.coalesced += 1;
    if (this.#total === undefined) return;
    this.#total.events += 1;
    this.#total.coalesced += 1;
  }

  #addBytes(bytes: number): void {
    this.bytes += bytes;
    if (this.#total !== undefined) this.#total.bytes += bytes;
  }
}
