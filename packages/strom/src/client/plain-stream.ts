/**
 * Reading a plain HTTP stream, without any MCP: what a server sends is given piece by piece, as it
 * comes. Made for the `/stream/<tool>` endpoints of a Strom server; reads any other stream of
 * server-sent events, JSON lines or lines of text as well.
 *
 * @module
 */
import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { ERROR_CODES, type ErrorCode } from '../base/error-codes.ts';
import { isJsonObject, ownValue, textOr, toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { CallTimers, positiveMs } from './call-timers.ts';
import {
  DEFAULT_IDLE_TIMEOUT_MS,
  DEFAULT_MAX_MESSAGE_CHARS,
  DEFAULT_TOTAL_TIMEOUT_MS,
  type HeaderSource,
} from './client-options.ts';
import { discardBody, mediaTypeOf, readText } from './http-body.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import { MAX_ERROR_BODY_CHARS, refusalOf } from './http-error.ts';
import { type PlainChunk, type PlainDecoder, plainDecoder } from './plain-decode.ts';
import { parseTargetUrl } from './target.ts';

export interface PlainStreamOptions {
  /** Arguments of the tool: the body of a POST, or the `args` query parameter of a GET. */
  args?: Readonly<Record<string, unknown>>;
  /** Default: POST if there are arguments, else GET. */
  method?: 'GET' | 'POST';
  /** The form to ask for. Default: server-sent events, then JSON lines, then text. */
  accept?: string;
  headers?: HeaderSource;
  /** Ends the stream with `ERR_CANCELLED`; the server sees the connection close. */
  signal?: AbortSignal;
  /** Longest silence between two pieces, in ms; keep-alives are silence. Default 60 s. */
  idleTimeoutMs?: number;
  /** Longest duration, in ms, whatever happens. Default 1 hour. */
  totalTimeoutMs?: number;
  /** Longest single piece, in characters. Default 64 Mi. */
  maxChunkChars?: number;
  fetch?: typeof globalThis.fetch;
  clock?: Clock;
}

const DEFAULT_ACCEPT = 'text/event-stream, application/x-ndjson;q=0.9, text/plain;q=0.5';

/**
 * Requests a URL and gives each piece of the answer as soon as it has arrived.
 *
 * Reading is pulled: while the loop's body works, nothing is read, and the server is slowed down by
 * its full socket. Leaving the loop closes the connection.
 *
 * @throws {StromError} `ERR_HTTP_STATUS` when the server refuses, `ERR_PEER_GONE` when the stream
 * is cut off, `ERR_PROTOCOL` for an answer that is no stream, and the code that an `error` event of
 * a Strom server names
 * @throws {WireError} when the tool answered with a numbered error
 * @example
 * for await (const { kind, value } of streamUrl('https://example.com/stream/count', { args: { to: 3 } }))
 *   console.log(kind, value);
 */
export async function* streamUrl(
  url: string | URL,
  options: PlainStreamOptions = {},
): AsyncGenerator<PlainChunk, void, undefined> {
  const timers = new CallTimers(options.clock ?? SYSTEM_CLOCK, {
    idleTimeoutMs: positiveMs(options.idleTimeoutMs, DEFAULT_IDLE_TIMEOUT_MS),
    totalTimeoutMs: positiveMs(options.totalTimeoutMs, DEFAULT_TOTAL_TIMEOUT_MS),
    signal: options.signal,
  });
  try {
    const maxChars = options.maxChunkChars ?? DEFAULT_MAX_MESSAGE_CHARS;
    const response = await timers.whileSilent(open(url, options, timers.signal));
    if (mediaTypeOf(response) === 'application/json') {
      yield wholeJson(await timers.whileSilent(readText(response, maxChars)));
      return;
    }
    yield* readChunks(response, decoderFor(response, maxChars), timers);
  } finally {
    timers.close();
  }
}

async function open(
  url: string | URL,
  options: PlainStreamOptions,
  signal: AbortSignal,
): Promise<Response> {
  const { args, accept = DEFAULT_ACCEPT, headers = {} } = options;
  const method = options.method ?? (args === undefined ? 'GET' : 'POST');
  const target = parseTargetUrl(url);
  if (method === 'GET' && args !== undefined) target.searchParams.set('args', toJson(args));
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const response = await new HttpEndpoint({ url: target, headers, fetch }).send({
    method,
    headers: { Accept: accept, ...(method === 'POST' && { 'Content-Type': 'application/json' }) },
    ...(method === 'POST' && { body: toJson(args ?? {}) }),
    signal,
  });
  if (!response.ok) await refuse(response);
  return response;
}

/** Throws what a refusal says: in the words of the stream, where it has some. */
async function refuse(response: Response): Promise<never> {
  const text = await readText(response, MAX_ERROR_BODY_CHARS).catch(() => '');
  const decoder = plainDecoder(mediaTypeOf(response), MAX_ERROR_BODY_CHARS);
  for (const chunk of decoder?.end(text) ?? []) throwIfError(chunk);
  throw refusalOf(response, text).error;
}

function decoderFor(response: Response, maxChars: number): PlainDecoder {
  const decoder = plainDecoder(mediaTypeOf(response), maxChars);
  if (decoder !== undefined) return decoder;
  discardBody(response);
  const found = mediaTypeOf(response) || 'no content';
  throw new StromError('ERR_PROTOCOL', `the server answered with ${found}, which is no stream`);
}

async function* readChunks(
  response: Response,
  decoder: PlainDecoder,
  timers: CallTimers,
): AsyncGenerator<PlainChunk, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const text = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await timers.whileSilent(reader.read().catch(cutOff));
      const chunks = done
        ? decoder.end(text.decode())
        : decoder.push(text.decode(value, { stream: true }));
      for (const chunk of chunks) {
        throwIfError(chunk);
        yield chunk;
      }
      if (done) return;
    }
  } finally {
    // Closes the connection when the loop was left early; after the end there is nothing to cancel.
    void reader.cancel().catch(() => undefined);
  }
}

function wholeJson(text: string): PlainChunk {
  try {
    return { kind: 'message', value: JSON.parse(text) };
  } catch (cause) {
    throw new StromError('ERR_PROTOCOL', 'the answer is no JSON', { cause });
  }
}

function cutOff(cause: unknown): never {
  throw new StromError('ERR_PEER_GONE', 'the stream was cut off', { cause });
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/** A stream that has begun can tell of a failure only in its own words. */
function throwIfError({ kind, value }: PlainChunk): void {
  if (kind !== 'error' || !isJsonObject(value)) return;
  const code = ownValue(value, 'code');
  const message = textOr(ownValue(value, 'message'), 'the call failed');
  if (typeof code === 'number') throw new WireError(code, message);
  throw new StromError(isErrorCode(code) ? code : 'ERR_INTERNAL', message);
}
