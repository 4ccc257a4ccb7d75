import { type JsonObject, toJson } from '../base/json.ts';

const compiledTexts = new WeakMap<JsonObject, string>();

/**
 * The JSON text of a result. Frozen results are the compiled ones (lists, discovery): their text is
 * made once and kept as long as the result itself.
 */
export function resultText(result: JsonObject): string {
  if (!Object.isFrozen(result)) return toJson(result);
  const known = compiledTexts.get(result);
  if (known !== undefined) return known;
  const text = toJson(result);
  compiledTexts.set(result, text);
  return text;
}

/** Puts `members` (JSON members without braces) in front of those of an object's text. */
export function spliceMembers(members: string, objectText: string): string {
  return objectText === '{}' ? `{${members}}` : `{${members},${objectText.slice(1)}`;
}

/** The text of a JSON-RPC result response. */
export function encodeResultResponse(idText: string, text: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${text}}`;
}
