import { StromError } from './strom-error.ts';

export type JsonObject = { [key: string]: unknown };

/** Whether `value` is an object that JSON would write with braces. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value of an own property, so that `__proto__`, `constructor` and friends in input are plain
 * data and never reach a prototype.
 */
export function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * A text that a peer should have sent, and `otherwise` for all else. Not `String(value)`, which throws
 * for `{ "toString": 1 }`.
 */
export function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

/**
 * Reads JSON of somebody whose text is nothing for the log: the words of `JSON.parse` quote it.
 *
 * @throws {SyntaxError} without a part of the text
 */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the engine says of it holds what is to be held back.
    throw new SyntaxError('no JSON');
  }
}

/**
 * Serialises under a guard: cyclic, too deep, BigInt and `undefined` values become one clear error
 * instead of a request that is never answered.
 *
 * @throws {StromError} `ERR_INTERNAL` when the value has no JSON form
 */
export function toJson(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new StromError('ERR_INTERNAL', 'a value has no JSON form', { cause });
  }
  if (text === undefined) throw new StromError('ERR_INTERNAL', 'a value has no JSON form');
  return text;
}
