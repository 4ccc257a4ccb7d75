/**
 * The forms a plain stream can have, decoded piece by piece.
 *
 * @module
 */
import { isJsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { LineDecoder } from '../protocol/line-decode.ts';
import { LongTexts } from '../protocol/long-texts.ts';
import { SseDecoder } from '../protocol/sse-decode.ts';

/** One piece of a plain stream. */
export interface PlainChunk {
  /** What it is: the event's name, the `type` of a JSON line, or `line`. */
  readonly kind: string;
  /** Parsed JSON where it is JSON, else the text. */
  readonly value: unknown;
}

/** Events of a Strom server that may be long; they are JSON always. */
const JSON_EVENTS: ReadonlySet<string> = new Set(['chunk', 'result']);

/** Text in, pieces out. */
export interface PlainDecoder {
  push(text: string): readonly PlainChunk[];
  /** The last text, and the end of the stream. */
  end(text: string): readonly PlainChunk[];
}

/** The decoder of a media type; `undefined` for types that are no stream. */
export function plainDecoder(mediaType: string, maxChars: number): PlainDecoder | undefined {
  switch (mediaType) {
    case 'text/event-stream':
      return eventDecoder(maxChars);
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return lineDecoder({ maxChars, toChunk: fromJsonLine, longTexts: () => new LongTexts() });
    default:
      return mediaType.startsWith('text/') && mediaType !== 'text/html'
        ? lineDecoder({ maxChars, toChunk: (line) => ({ kind: 'line', value: line }) })
        : undefined;
  }
}

function eventDecoder(maxChars: number): PlainDecoder {
  let chunks: PlainChunk[] = [];
  const decoder = new SseDecoder({
    onEvent: ({ event, data, longTexts }) =>
      chunks.push({ kind: event, value: jsonOrText(data, longTexts) }),
    maxEventChars: maxChars,
    takesLongTexts: (event) => JSON_EVENTS.has(event),
  });
  const push = (text: string): PlainChunk[] => {
    chunks = [];
    decoder.push(text);
    return chunks;
  };
  // An event without its blank line is incomplete and, by the standard, dropped.
  return { push, end: push };
}

interface LineForm {
  readonly maxChars: number;
  readonly toChunk: (line: string, longTexts: LongTexts | undefined) => PlainChunk;
  /** For lines that hold JSON. */
  readonly longTexts?: () => LongTexts;
}

function lineDecoder({ maxChars, toChunk, longTexts }: LineForm): PlainDecoder {
  let chunks: PlainChunk[] = [];
  const lines = new LineDecoder({
    // Empty lines keep the connection alive and say nothing.
    onLine: (line, taken) => {
      if (line !== '') chunks.push(toChunk(line, taken));
    },
    onOverlong: () => {
      throw new StromError('ERR_FRAME_TOO_LARGE', `a line exceeds ${maxChars} characters`);
    },
    maxLineChars: maxChars,
    longTexts,
  });
  const push = (text: string): PlainChunk[] => {
    chunks = [];
    lines.push(text);
    return chunks;
  };
  const end = (text: string): PlainChunk[] => {
    push(text);
    lines.end();
    return chunks;
  };
  return { push, end };
}

function jsonOrText(text: string, longTexts: LongTexts | undefined): unknown {
  if (longTexts?.isEmpty === false) return fromJson(text, longTexts);
  try {
    return JSON.parse(text);
  } catch {
    // Events may carry any text; what is no JSON is given as it is.
    return text;
  }
}

function fromJson(text: string, longTexts: LongTexts | undefined): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return longTexts === undefined ? value : longTexts.restore(value);
  } catch (cause) {
    throw new StromError('ERR_PROTOCOL', 'a part of the stream is no JSON', { cause });
  }
}

function fromJsonLine(line: string, longTexts: LongTexts | undefined): PlainChunk {
  const value = fromJson(line, longTexts);
  const type = isJsonObject(value) ? ownValue(value, 'type') : undefined;
  return { kind: typeof type === 'string' ? type : 'message', value };
}
