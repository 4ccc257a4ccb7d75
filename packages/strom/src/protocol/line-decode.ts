/**
 * Lines out of a stream that is cut anywhere: chunks in, lines out. SSE, NDJSON and stdio share it.
 *
 * Only new text is searched, and the pieces of a long line are joined once, so a line of many
 * megabytes costs time in proportion to its length.
 *
 * @module
 */
import { TextPieces } from '../base/text-pieces.ts';
import { LONG_CHARS, type LongTexts } from './long-texts.ts';

export interface LineDecoderOptions {
  /** Given what was taken out of the line as well. */
  onLine: (line: string, longTexts?: LongTexts) => void;
  /** Called once for a line over the bound; the rest of that line is skipped, reading goes on. */
  onOverlong: () => void;
  /** Longest line, in characters. */
  maxLineChars: number;
  /** Takes long texts out of lines that hold JSON; asked once a line is long. */
  longTexts?: (() => LongTexts | undefined) | undefined;
}

const LINE_FEED = 10;

/** An incremental reader; LF, CR and CRLF end a line. A last line without a break needs `end()`. */
export class LineDecoder {
  readonly #options: LineDecoderOptions;
  readonly #lineBreak = /[\r\n]/g;
  readonly #parts = new TextPieces();
  #chars = 0;
  /** Set for the rest of a line that is long. */
  #longTexts: LongTexts | undefined;
  #skipping = false;
  #endedWithCarriageReturn = false;

  constructor(options: LineDecoderOptions) {
    this.#options = options;
  }

  push(chunk: string): void {
    if (chunk === '') return;
    let start = this.#endedWithCarriageReturn && chunk.charCodeAt(0) === LINE_FEED ? 1 : 0;
    this.#endedWithCarriageReturn = false;
    this.#lineBreak.lastIndex = start;
    for (let hit = this.#lineBreak.exec(chunk); hit !== null; hit = this.#lineBreak.exec(chunk)) {
      this.#keep(chunk.slice(start, hit.index));
      this.#finishLine();
      start = this.#afterBreak(chunk, hit.index);
      this.#lineBreak.lastIndex = start;
    }
    this.#keep(chunk.slice(start));
  }

  /** Gives the last line when the stream ended without a line break. */
  end(): void {
    if (this.#chars > 0) this.#finishLine();
  }

  #afterBreak(chunk: string, index: number): number {
    if (chunk.charCodeAt(index) === LINE_FEED) return index + 1;
    if (index + 1 === chunk.length) this.#endedWithCarriageReturn = true;
    return chunk.charCodeAt(index + 1) === LINE_FEED ? index + 2 : index + 1;
  }

  #keep(part: string): void {
    if (this.#skipping || part === '') return;
    this.#chars += part.length;
    if (this.#chars <= this.#options.maxLineChars) {
      this.#store(part);
      return;
    }
    this.#parts.clear();
    this.#skipping = true;
    this.#options.onOverlong();
  }

  #store(part: string): void {
    this.#parts.add(this.#longTexts === undefined ? part : this.#longTexts.push(part));
    const { longTexts } = this.#options;
    if (longTexts === undefined || this.#longTexts !== undefined || this.#chars < LONG_CHARS)
      return;
    this.#longTexts = longTexts();
    if (this.#longTexts === undefined) return;
    this.#parts.add(this.#longTexts.push(this.#parts.take()));
  }

  #finishLine(): void {
    const longTexts = this.#longTexts;
    if (longTexts !== undefined) this.#parts.add(longTexts.endLine());
    this.#longTexts = undefined;
    const line = this.#parts.take();
    const wasSkipped = this.#skipping;
    this.#chars = 0;
    this.#skipping = false;
    if (!wasSkipped) this.#options.onLine(line, longTexts);
  }
}
