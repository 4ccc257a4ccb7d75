/**
 * The forms a plain stream can have, decoded piece by piece.
 *
 * @module
 */
import { isJsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { LineDecoder } from '../protocol/line-decode.ts';
import { SseDecoder } from '../protocol/sse-decode.ts';

/** One piece of a plain stream. */
export interface PlainChunk {
  /** What it is: the event's name, the `type` of a JSON line, or `line`. */
  readonly kind: string;
  /** Parsed JSON where it is JSON, else the text. */
  readonly value: unknown;
}

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
      return lineDecoder(maxChars, fromJsonLine);
    default:
      return mediaType.startsWith('text/') && mediaType !== 'text/html'
        ? lineDecoder(maxChars, (line) => ({ kind: 'line', value: line }))
        : undefined;
  }
}

function eventDecoder(maxChars: number): PlainDecoder {
  let chunks: PlainChunk[] = [];
  const decoder = new SseDecoder({
    onEvent: ({ event, data }) => chunks.push({ kind: event, value: jsonOrText(data) }),
    maxEventChars: maxChars,
  });
  const push = (text: string): PlainChunk[] => {
    chunks = [];
    decoder.push(text);
    return chunks;
  };
  // An event without its blank line is incomplete and, by the standard, dropped.
  return { push, end: push };
}

function lineDecoder(maxChars: number, toChunk: (line: string) => PlainChunk): PlainDecoder {
  let chunks: PlainChunk[] = [];
  const lines = new LineDecoder({
    // Empty lines keep the connection alive and say nothing.
    onLine: (line) => {
      if (line !== '') chunks.push(toChunk(line));
    },
    onOverlong: () => {
      throw new StromError('ERR_FRAME_TOO_LARGE', `a line exceeds ${maxChars} characters`);
    },
    maxLineChars: maxChars,
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

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Events may carry any text; what is no JSON is given as it is.
    return text;
  }
}

function fromJsonLine(line: string): PlainChunk {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new StromError('ERR_PROTOCOL', 'a line of the stream is no JSON', { cause });
  }
  const type = isJsonObject(value) ? ownValue(value, 'type') : undefined;
  return { kind: typeof type === 'string' ? type : 'message', value };
}
