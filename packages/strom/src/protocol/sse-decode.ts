/**
 * Server-sent events, the reading half: text chunks in, events out.
 *
 * Chunks may be cut anywhere, also between CR and LF. An event larger than the bound ends the
 * reading with an error instead of growing without end.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { TextPieces } from '../base/text-pieces.ts';
import { LineDecoder } from './line-decode.ts';
import { LongTexts } from './long-texts.ts';

export interface DecodedSseEvent {
  /** Event name; `message` unless the stream named another. */
  event: string;
  data: string;
  /** The last event id the stream has set so far; empty when it set none. */
  lastEventId: string;
  /** What was taken out of the data. */
  longTexts?: LongTexts | undefined;
}

export interface SseDecoderOptions {
  onEvent: (event: DecodedSseEvent) => void;
  /** Called when the stream asks for another reconnection delay. */
  onRetry?: (retryMs: number) => void;
  /** Longest event kept in memory, in characters. Default 64 Mi. */
  maxEventChars?: number;
  /**
   * Takes long texts out of the data of events of that name, which must be JSON; the name stands
   * before the data. Default: of none.
   */
  takesLongTexts?: ((event: string) => boolean) | undefined;
}

const DEFAULT_MAX_EVENT_CHARS = 64 * 1024 * 1024;
const DIGITS = /^\d{1,9}$/;

function tooLarge(): StromError {
  return new StromError('ERR_FRAME_TOO_LARGE', 'an SSE event exceeds the bound of the reader');
}

/** An incremental reader for one stream. Feed it in order; it keeps no reference to past input. */
export class SseDecoder {
  readonly #options: SseDecoderOptions;
  readonly #maxChars: number;
  readonly #lines: LineDecoder;
  #started = false;
  readonly #data = new TextPieces();
  #hasData = false;
  #dataChars = 0;
  #longTexts: LongTexts | undefined;
  #event = '';
  #nextEventId = '';
  #lastEventId = '';

  constructor(options: SseDecoderOptions) {
    this.#options = options;
    this.#maxChars = options.maxEventChars ?? DEFAULT_MAX_EVENT_CHARS;
    this.#lines = new LineDecoder({
      onLine: (line) => this.#line(line),
      onOverlong: () => {
        throw tooLarge();
      },
      maxLineChars: this.#maxChars,
      longTexts: options.takesLongTexts && (() => this.#takeLongTexts()),
    });
  }

  /** The id to resume after. That of an event cut off half-way does not count: it was not read. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /**
   * Reads the next piece of the stream and reports every event it completes.
   *
   * @throws {StromError} `ERR_FRAME_TOO_LARGE` when one event exceeds the bound
   */
  push(chunk: string): void {
    if (chunk === '') return;
    const text = !this.#started && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk;
    this.#started = true;
    this.#lines.push(text);
  }

  #takeLongTexts(): LongTexts | undefined {
    if (this.#options.takesLongTexts?.(this.#event || 'message') !== true) return undefined;
    this.#longTexts ??= new LongTexts();
    return this.#longTexts;
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    this.#field(name, value);
  }

  #field(name: string, value: string): void {
    switch (name) {
      case 'data':
        if (this.#hasData) this.#data.add('\n');
        this.#data.add(value);
        this.#hasData = true;
        this.#dataChars += value.length + 1;
        if (this.#dataChars + (this.#longTexts?.chars ?? 0) > this.#maxChars) throw tooLarge();
        return;
      case 'event':
        this.#event = value;
        return;
      case 'id':
        if (!value.includes('\0')) this.#nextEventId = value;
        return;
      case 'retry':
        if (DIGITS.test(value)) this.#options.onRetry?.(Number(value));
        return;
      default:
    }
  }

  #dispatch(): void {
    const hasData = this.#hasData;
    const data = this.#data.take();
    const longTexts = this.#longTexts;
    const event = this.#event === '' ? 'message' : this.#event;
    this.#hasData = false;
    this.#dataChars = 0;
    this.#longTexts = undefined;
    this.#event = '';
    this.#lastEventId = this.#nextEventId;
    if (!hasData) return;
    const { lastEventId } = this;
    this.#options.onEvent({ event, data, lastEventId, longTexts });
  }
}
