import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';

/**
 * A result that must have a list under `key`, of objects unless said otherwise.
 *
 * @throws {StromError} `ERR_PROTOCOL` without one
 */
export function withArray<Result>(
  result: JsonObject,
  key: string,
  isItem: (item: unknown) => boolean = isJsonObject,
): Result {
  const list = ownValue(result, key);
  if (Array.isArray(list) && list.every(isItem)) return result as Result;
  throw new StromError('ERR_PROTOCOL', `a result without ${key}`);
}

/** @throws {StromError} `ERR_PROTOCOL` when it is no result of a tool */
export function toToolResult(result: JsonObject): CallToolResult {
  // Early servers leave `content` out where there is none.
  if (!Object.hasOwn(result, 'content')) return { ...result, content: [], resultType: 'complete' };
  return withArray<CallToolResult>(result, 'content');
}
