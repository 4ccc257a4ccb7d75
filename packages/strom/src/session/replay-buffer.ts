/**
 * The frames of a session's streams, kept for clients that come back, within a bound of bytes:
 * the oldest frames go first.
 *
 * @module
 */
import { utf8Length } from '../base/utf8-length.ts';
import type { Pieces } from '../protocol/json-pieces.ts';

export interface ReplayFrame {
  readonly streamId: string;
  readonly sequence: number;
  readonly frame: string;
  /** The last message of the stream, where that is long: it stands in the place of the frame. */
  readonly long?: Pieces | undefined;
}

export interface ReplayBufferOptions {
  /** Bytes of UTF-8 kept. */
  readonly maxBytes: number;
  /** Told by how much the kept bytes have grown or shrunk. */
  readonly account: (delta: number) => void;
}

interface KeptFrame extends ReplayFrame {
  readonly bytes: number;
}

export class ReplayBuffer {
  readonly #options: ReplayBufferOptions;
  /** Dropped ones leave a gap at the front until there are enough gaps to close. */
  #frames: (KeptFrame | undefined)[] = [];
  /** How many frames are kept of each stream. */
  readonly #counts = new Map<string, number>();
  #first = 0;
  #bytes = 0;

  constructor(options: ReplayBufferOptions) {
    this.#options = options;
  }

  /** Keeps a frame; the newest one always stays, however large it is. */
  append(frame: ReplayFrame): void {
    const before = this.#bytes;
    const { streamId, sequence, long } = frame;
    const bytes = long?.bytes ?? utf8Length(frame.frame);
    // Named one by one: a spread costs a flood tens of megabytes of garbage.
    this.#frames.push({ streamId, sequence, frame: frame.frame, long, bytes });
    this.#counts.set(frame.streamId, (this.#counts.get(frame.streamId) ?? 0) + 1);
    this.#bytes += bytes;
    const last = this.#frames.length - 1;
    while (this.#bytes > this.#options.maxBytes && this.#first < last) this.#dropOldest();
    this.#options.account(this.#bytes - before);
    if (this.#first > 1024 && this.#first * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The frames of a stream after a sequence number, in order. */
  after(streamId: string, sequence: number): readonly ReplayFrame[] {
    return this.#frames
      .slice(this.#first)
      .filter((frame) => frame !== undefined)
      .filter((frame) => frame.streamId === streamId && frame.sequence > sequence);
  }

  /**
   * The frames of a stream after a sequence number and up to another, as one text; `undefined` when
   * some of them are kept no longer.
   */
  between(streamId: string, sequence: number, last: number): string | undefined {
    if (sequence >= last) return '';
    const frames = this.after(streamId, sequence).filter((frame) => frame.sequence <= last);
    if (frames.length < last - sequence) return undefined;
    return frames.map(({ frame }) => frame).join('');
  }

  /** The long message that ends a stream, if it is kept and comes after a sequence number. */
  longAfter(streamId: string, sequence: number): Pieces | undefined {
    return this.after(streamId, sequence).at(-1)?.long;
  }

  /** Whether any frame of a stream is kept. */
  has(streamId: string): boolean {
    return this.#counts.has(streamId);
  }

  clear(): void {
    const bytes = this.#bytes;
    this.#frames = [];
    this.#counts.clear();
    this.#first = 0;
    this.#bytes = 0;
    this.#options.account(-bytes);
  }

  #dropOldest(): void {
    const oldest = this.#frames[this.#first];
    this.#frames[this.#first] = undefined;
    this.#first += 1;
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    const left = (this.#counts.get(oldest.streamId) ?? 0) - 1;
    if (left > 0) this.#counts.set(oldest.streamId, left);
    else this.#counts.delete(oldest.streamId);
  }
}
