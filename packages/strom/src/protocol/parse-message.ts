/**
 * Bytes or text in, JSON-RPC messages out: the one place where input becomes a message.
 *
 * @see https://www.jsonrpc.org/specification
 * @module
 */
import { isJsonObject, type JsonObject, ownValue, textOr } from '../base/json.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { LongTexts } from './long-texts.ts';
import type { InvalidMessage, RequestId, RpcMessage } from './message.ts';
import { checkDepth, scanEnvelope } from './scan-envelope.ts';

/** Deepest nesting of a message, or of any other value. */
const MAX_JSON_DEPTH = 64;
/** Most messages in one batch (2025-03-26). */
export const MAX_BATCH = 100;
/** Longest request id, in characters as written. */
export const MAX_ID_CHARS = 1024;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface ParsedInput {
  readonly messages: readonly (RpcMessage | InvalidMessage)[];
  readonly isBatch: boolean;
}

/**
 * Decodes UTF-8 strictly.
 *
 * @throws {StromError} `ERR_PARSE` for any byte sequence that is no UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw publicErrorFrom('the body is not valid UTF-8', cause);
  }
}

function publicErrorFrom(message: string, cause: unknown): StromError {
  const error = publicError('ERR_PARSE', message);
  error.cause = cause;
  return error;
}

/**
 * Parses one message or one batch.
 *
 * A message that is JSON but breaks JSON-RPC comes back as `invalid`, so that its neighbours in a
 * batch are still answered.
 *
 * @param longTexts - what was taken out of the text while it was read
 * @throws {StromError} `ERR_PARSE` when the text is no JSON; `ERR_INVALID_REQUEST` when it nests
 * too deep, repeats an envelope key, or is an empty, too long or ambiguous batch
 */
export function parseInput(text: string, longTexts?: LongTexts): ParsedInput {
  const ids = scanEnvelope(text, MAX_JSON_DEPTH);
  const parsed = parseJson(text);
  const value = longTexts === undefined ? parsed : longTexts.restore(parsed);
  if (!Array.isArray(value)) return { messages: [toMessage(value, ids[0])], isBatch: false };
  if (value.length === 0) throw publicError('ERR_INVALID_REQUEST', 'an empty batch');
  if (value.length > MAX_BATCH) {
    throw publicError('ERR_INVALID_REQUEST', `a batch holds at most ${MAX_BATCH} messages`);
  }
  return { messages: toBatch(value, ids), isBatch: true };
}

/**
 * Parses a value that is no message.
 *
 * @throws {StromError} `ERR_PARSE` when the text is no JSON; `ERR_INVALID_REQUEST` when it nests
 * too deep
 */
export function parseValue(text: string): unknown {
  checkDepth(text, MAX_JSON_DEPTH);
  return parseJson(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw publicErrorFrom('the body is not valid JSON', cause);
  }
}

function toBatch(
  values: unknown[],
  ids: readonly (string | undefined)[],
): (RpcMessage | InvalidMessage)[] {
  let objects = 0;
  const messages = values.map((value) =>
    toMessage(value, isJsonObject(value) ? ids[objects++] : undefined),
  );
  const requestIds = messages.filter((message) => message.kind === 'request').map(({ id }) => id);
  if (new Set(requestIds).size !== requestIds.length) {
    throw publicError('ERR_INVALID_REQUEST', 'two requests of a batch share an id');
  }
  return messages;
}

function invalid(message: string, idText?: string): InvalidMessage {
  return { kind: 'invalid', idText, error: publicError('ERR_INVALID_REQUEST', message) };
}

function toMessage(value: unknown, idText: string | undefined): RpcMessage | InvalidMessage {
  if (!isJsonObject(value)) return invalid('a message must be a JSON object');
  const id = ownValue(value, 'id');
  const hasId = Object.hasOwn(value, 'id');
  if (hasId && !isRequestId(id)) {
    return invalid('id must be a string or a safe integer');
  }
  if (idText !== undefined && idText.length > MAX_ID_CHARS) {
    return invalid(`id is longer than ${MAX_ID_CHARS} characters`);
  }
  if (ownValue(value, 'jsonrpc') !== '2.0') return invalid('jsonrpc must be "2.0"', idText);
  if (Object.hasOwn(value, 'method')) return toCall(value, id as RequestId | undefined, idText);
  return toResponse(value, id as RequestId | undefined);
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' || Number.isSafeInteger(id);
}

function toCall(
  value: JsonObject,
  id: RequestId | undefined,
  idText: string | undefined,
): RpcMessage | InvalidMessage {
  const method = ownValue(value, 'method');
  const params = Object.hasOwn(value, 'params') ? value['params'] : {};
  if (typeof method !== 'string') return invalid('method must be a string', idText);
  if (Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error')) {
    return invalid('a message is either a call or a response', idText);
  }
  if (!isJsonObject(params)) return invalid('params must be an object', idText);
  if (id === undefined || idText === undefined) return { kind: 'notification', method, params };
  return { kind: 'request', id, idText, method, params };
}

function toResponse(value: JsonObject, id: RequestId | undefined): RpcMessage | InvalidMessage {
  const hasResult = Object.hasOwn(value, 'result');
  const error = ownValue(value, 'error');
  if (hasResult === (error !== undefined)) {
    return invalid('a message needs a method, or either a result or an error');
  }
  if (hasResult && id !== undefined) return { kind: 'response', id, result: value['result'] };
  if (!isJsonObject(error) || !Number.isInteger(error['code'])) {
    return invalid('a response needs an id and a result or an error');
  }
  const { code, message, data } = error;
  const wire = { code: Number(code), message: textOr(message, ''), data };
  return { kind: 'response', id, error: wire };
}
