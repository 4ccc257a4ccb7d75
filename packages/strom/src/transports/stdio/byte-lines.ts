/**
 * Lines out of bytes, so that each line can be decoded strictly on its own: a line that is no UTF-8
 * is refused, the next one is read as if nothing had been.
 *
 * @module
 */
import { BytePieces } from '../../base/byte-pieces.ts';

export interface ByteLinesOptions {
  readonly maxLineBytes: number;
  onLine(line: Uint8Array): void;
  /** Called once for a line over the bound; the rest of that line is skipped. */
  onOverlong(): void;
}

const LINE_FEED = 10;

export class ByteLines {
  readonly #options: ByteLinesOptions;
  #parts = new BytePieces();
  #bytes = 0;
  #skipping = false;

  constructor(options: ByteLinesOptions) {
    this.#options = options;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes <= this.#options.maxLineBytes) {
      this.#parts.add(part);
      return;
    }
    this.#parts = new BytePieces();
    this.#skipping = true;
    this.#options.onOverlong();
  }

  #finishLine(): void {
    const wasSkipped = this.#skipping;
    const line = this.#parts.take();
    this.#bytes = 0;
    this.#skipping = false;
    if (!wasSkipped && line.length > 0) this.#options.onLine(line);
  }
}
