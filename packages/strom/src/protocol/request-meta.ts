/**
 * What a request's `_meta` says in every revision: the progress token and the trace context.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { TraceContext } from './operation.ts';
import { MAX_ID_CHARS } from './parse-message.ts';

/** `params._meta`, or an empty object when there is none. */
export function metaOf(params: JsonObject): JsonObject {
  const meta = ownValue(params, '_meta');
  return isJsonObject(meta) ? meta : {};
}

/**
 * The progress token as JSON text, ready to be spliced into notifications.
 *
 * @throws {StromError} `ERR_INVALID_META` when it is neither a string nor an integer, or too long
 */
export function progressTokenText(meta: JsonObject): string | undefined {
  const token = ownValue(meta, 'progressToken');
  if (token === undefined) return undefined;
  if (typeof token === 'string' || Number.isSafeInteger(token)) return shortToken(token);
  throw publicError('ERR_INVALID_META', '_meta.progressToken must be a string or an integer');
}

/** Every notification of progress repeats it, so that one long token would become many. */
function shortToken(token: unknown): string {
  const text = JSON.stringify(token);
  if (text.length <= MAX_ID_CHARS) return text;
  const problem = `is longer than ${MAX_ID_CHARS} characters`;
  throw publicError('ERR_INVALID_META', `_meta.progressToken ${problem}`);
}

const TRACE_KEYS = ['traceparent', 'tracestate', 'baggage'] as const;

/** The W3C trace context, where the caller sent one. */
export function traceContext(meta: JsonObject): TraceContext | undefined {
  let trace: Record<string, string> | undefined;
  for (const key of TRACE_KEYS) {
    const value = ownValue(meta, key);
    if (typeof value !== 'string') continue;
    trace ??= {};
    trace[key] = value;
  }
  return trace;
}
