import type { JsonObject } from '../base/json.ts';
import { RawJson } from './raw-json.ts';

/** What a number, a literal, and whatever spells itself are taken for. */
const SCALAR_CHARS = 8;
/** Beyond this it is a cycle, or nothing that could be sent. */
const MAX_DEPTH = 100;

/**
 * About how many characters of JSON a value takes. Looks no further than to `most`, so that it costs
 * little to find out that something is large; spells nothing.
 */
export function jsonChars(value: unknown, most: number, depth = 0): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return SCALAR_CHARS;
  if (value instanceof RawJson) return value.text.length;
  if (depth > MAX_DEPTH || spellsItself(value)) return SCALAR_CHARS;
  let chars = 2;
  if (Array.isArray(value)) {
    for (const member of value) {
      chars += 1 + jsonChars(member, most - chars, depth + 1);
      if (chars >= most) break;
    }
    return chars;
  }
  const members = value as JsonObject;
  for (const name in members) {
    chars += name.length + 4 + jsonChars(members[name], most - chars, depth + 1);
    if (chars >= most) break;
  }
  return chars;
}

function spellsItself(value: object): boolean {
  return 'toJSON' in value || ArrayBuffer.isView(value) || value instanceof String;
}
