import type { JsonObject } from '../base/json.ts';
import { RawJson } from './raw-json.ts';

/** What a number, a literal and the like are taken for. */
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
  if (depth > MAX_DEPTH) return SCALAR_CHARS;
  let chars = 2;
  if (Array.isArray(value)) {
    for (const member of value) {
      chars += 1 + jsonChars(member, most - chars, depth + 1);
      if (chars >= most) break;
    }
    return chars;
  }
  // To list the indexes of bytes would take many times what they do.
  if (ArrayBuffer.isView(value)) return SCALAR_CHARS;
  // Only what is large is kept as text.
  if (value instanceof RawJson) return most;
  const members = value as JsonObject;
  for (const name in members) {
    chars += name.length + 4 + jsonChars(members[name], most - chars, depth + 1);
    if (chars >= most) break;
  }
  return chars;
}
