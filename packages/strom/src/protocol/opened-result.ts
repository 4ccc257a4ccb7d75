/**
 * Results of tools that were stored as text. Only as much of one is parsed as revisions rewrite; what is
 * large in it stays the text it is, so that a file in a result is not in memory once more.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { isEscaped } from './json-escapes.ts';
import { type Part, PartList, partsOf } from './json-pieces.ts';
import { RawJson } from './raw-json.ts';

/** Of smaller values, what stands for them takes too much beside what they do. */
const LARGE_CHARS = 1024;

/** Stands for a value in the JSON around it; no tool can know it. */
const MARK = `kept-${Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')}:`;

/**
 * A result with its structured content, and what its content blocks have, as {@link RawJson} where that
 * is large.
 *
 * @param pieces - the result as it was encoded, without white space
 * @param leastChars - how long a value must be, in characters as written, to stay text
 */
export function openedResult(pieces: Iterable<string>, leastChars = LARGE_CHARS): JsonObject {
  const reader = new ResultReader(leastChars);
  for (const part of partsOf(pieces)) reader.read(part);
  return reader.result();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** How deep members stand: those of the result, and those of the blocks in its content. */
const RESULT_DEPTH = 1;
const BLOCK_DEPTH = 3;

class ResultReader {
  readonly #leastChars: number;
  /** What is to be parsed. */
  readonly #around: string[] = [];
  readonly #large: RawJson[] = [];
  /** Objects and lists that are open. */
  #depth = 0;
  #isInString = false;
  /** Whether the last part ended within an escape. */
  #isInEscape = false;
  /** The last string among the members of the result, as it is written. */
  #name = '';
  #isInContent = false;
  /** The value that is read, where it may be large; it ends where the depth is that of its name. */
  #value: { readonly depth: number; readonly parts: Part[]; chars: number } | undefined;

  constructor(leastChars: number) {
    this.#leastChars = leastChars;
  }

  read(part: Part): void {
    if (typeof part === 'string') this.#scan(part);
    // It is the inside of a string, in which there is nothing to be found.
    else this.#keep(part, this.#leastChars);
  }

  result(): JsonObject {
    const result = JSON.parse(this.#around.join('')) as JsonObject;
    this.#restore(result);
    const { content } = result;
    if (Array.isArray(content)) {
      for (const block of content) if (isJsonObject(block)) this.#restore(block);
    }
    return result;
  }

  #scan(part: string): void {
    let keptTo = 0;
    let at = 0;
    while (at < part.length) {
      if (this.#isInString) {
        at = this.#passString(part, at);
        continue;
      }
      const code = part.charCodeAt(at);
      if (this.#endsValue(code)) {
        this.#keep(part.slice(keptTo, at), at - keptTo);
        this.#endValue();
        keptTo = at;
      }
      this.#pass(code);
      at += 1;
      if (code === COLON && this.#mayBeLarge()) {
        this.#around.push(part.slice(keptTo, at));
        this.#value = { depth: this.#depth, parts: [], chars: 0 };
        keptTo = at;
      }
    }
    this.#keep(part.slice(keptTo), part.length - keptTo);
  }

  #pass(code: number): void {
    if (code === QUOTE) {
      this.#isInString = true;
      if (this.#depth === RESULT_DEPTH) this.#name = '';
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (this.#depth === RESULT_DEPTH) {
        this.#isInContent = code === OPEN_LIST && this.#name === 'content"';
      }
      this.#depth += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#depth -= 1;
  }

  /** @returns where the string ends, or the part */
  #passString(part: string, from: number): number {
    const start = this.#isInEscape ? from + 1 : from;
    let end = part.indexOf('"', start);
    while (end !== -1 && isEscaped(part, start, end)) end = part.indexOf('"', end + 1);
    this.#isInEscape = end === -1 && isEscaped(part, start, part.length);
    this.#isInString = end === -1;
    const passedTo = end === -1 ? part.length : end + 1;
    if (this.#depth === RESULT_DEPTH && this.#value === undefined)
      this.#name += part.slice(from, passedTo);
    return passedTo;
  }

  /** Whether the value after this colon is one that no revision looks into. */
  #mayBeLarge(): boolean {
    if (this.#value !== undefined) return false;
    if (this.#depth === BLOCK_DEPTH) return this.#isInContent;
    return this.#depth === RESULT_DEPTH && this.#name === 'structuredContent"';
  }

  #endsValue(code: number): boolean {
    if (this.#depth !== this.#value?.depth) return false;
    return code === COMMA || code === CLOSE_OBJECT;
  }

  #endValue(): void {
    const { parts = [], chars = 0 } = this.#value ?? {};
    this.#value = undefined;
    const value = new PartList(parts);
    if (chars < this.#leastChars) this.#around.push(...value);
    else this.#around.push(`"${MARK}${this.#large.push(new RawJson(value)) - 1}"`);
  }

  #keep(part: Part, chars: number): void {
    if (this.#value !== undefined) {
      this.#value.parts.push(part);
      this.#value.chars += chars;
    } else if (typeof part === 'string') this.#around.push(part);
    else this.#around.push(...part);
  }

  #restore(members: JsonObject): void {
    for (const [name, value] of Object.entries(members)) {
      if (typeof value !== 'string' || !value.startsWith(MARK)) continue;
      members[name] = this.#large[Number(value.slice(MARK.length))];
    }
  }
}
