/**
 * The words of plain HTTP streaming, for clients that know no MCP: the same events, as server-sent
 * events, JSON lines or lines of text.
 *
 * @module
 */
import { isJsonObject, type JsonObject, toJson } from '../base/json.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { CallEvent, Outcome } from './call-event.ts';
import { NOT_SERIALISABLE } from './encode-event.ts';
import type { MessageEncoder, ToldResult } from './message-encoder.ts';
import { RawJson } from './raw-json.ts';
import { encodeSse } from './sse-encode.ts';

export const PLAIN_TYPES = ['text/event-stream', 'application/x-ndjson', 'text/plain'] as const;

export type PlainType = (typeof PLAIN_TYPES)[number];

const LINE_BREAKS = /[\r\n]+/g;

/** The encoder of a media type; its messages are complete frames. */
export function plainEncoder(type: PlainType): MessageEncoder {
  const encode = type === 'text/plain' ? textLine : structured(type);
  return {
    carriesChunks: true,
    toldAs: (result) => toldAs(type, result),
    event: (event) => encode(event.kind, eventFields(event)),
    outcome(outcome) {
      if (outcome.kind === 'result') return encode('result', outcome.result);
      // A plain client declares no capabilities, so no question ever comes this far.
      const error = outcome.kind === 'error' ? outcome.error : cannotAsk();
      return encode('error', errorFields(error));
    },
  };
}

function toldAs(plainType: PlainType, result: JsonObject): ToldResult {
  if (plainType === 'text/event-stream') return { result };
  const { type: _, ...fields } = result;
  if (plainType === 'application/x-ndjson') return { result: fields };
  const lines = textsOf(result);
  return lines.length > 0 ? { lines } : { result };
}

type Encode = (kind: string, fields: JsonObject) => string;

function structured(type: PlainType): Encode {
  return type === 'text/event-stream'
    ? (kind, fields) => encodeSse({ event: kind, data: toJson(fields) })
    : (kind, { type: _, ...fields }) => `${toJson({ type: kind, ...fields })}\n`;
}

function eventFields(event: CallEvent): JsonObject {
  const { kind, ...fields } = event;
  return kind === 'log' ? { ...fields, data: reportable(event.data) } : fields;
}

/** A log line must never fail the work it reports on. */
function reportable(data: unknown): unknown {
  if (data === undefined) return null;
  try {
    toJson(data);
    return data;
  } catch {
    // The value has no JSON form; the line is still worth sending.
    return NOT_SERIALISABLE;
  }
}

function cannotAsk(): StromError {
  return publicError('ERR_MISSING_CAPABILITY', 'Plain HTTP clients cannot be asked');
}

type Failure = Extract<Outcome, { kind: 'error' }>['error'];

function errorFields(error: Failure): JsonObject {
  if (error instanceof StromError) return { code: error.code, message: error.publicMessage };
  return { code: error.code, message: error.message };
}

function textLine(kind: string, fields: JsonObject): string {
  switch (kind) {
    case 'progress':
      return oneLine(`[${String(fields['progress'])}${ofTotal(fields['total'])}]${words(fields)}`);
    case 'log':
      return oneLine(`${String(fields['level'])}: ${textOf(fields['data'])}`);
    case 'chunk':
      return `${textOf(fields['value'])}\n`;
    case 'error':
      return oneLine(`error:${words(fields)}`);
    default:
      return `${resultLines(fields)}\n`;
  }
}

/** What a tool says in passing must not look like a line of another kind. */
function oneLine(text: string): string {
  return `${text.replaceAll(LINE_BREAKS, ' ')}\n`;
}

function words({ message }: JsonObject): string {
  return message === undefined ? '' : ` ${String(message)}`;
}

function ofTotal(total: unknown): string {
  return total === undefined ? '' : `/${String(total)}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : toJson(value ?? null);
}

/** The text blocks of a tool result, or all of it as JSON where it has none. */
function resultLines(result: JsonObject): string {
  const lines = textsOf(result);
  return lines.length > 0 ? lines.join('\n') : toJson(result);
}

function textsOf(result: JsonObject): (string | RawJson)[] {
  const content = Array.isArray(result['content']) ? result['content'] : [];
  return content
    .filter(isJsonObject)
    .map((block) => block['text'])
    .filter(isText);
}

function isText(value: unknown): value is string | RawJson {
  return typeof value === 'string' || (value instanceof RawJson && value.isString);
}
