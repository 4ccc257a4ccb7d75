/**
 * One pass over JSON text before it is parsed, for what `JSON.parse` cannot tell:
 * how deep it nests, whether an envelope names a key twice, and how each id was written.
 *
 * The envelope is the message object, its `params` and its `params._meta`: the places where two
 * readers that pick different duplicates would disagree about who asks for what.
 *
 * @module
 */
import { publicError } from '../base/strom-error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const ENVELOPE_PATH = ['params', '_meta'];
/** Most keys of an envelope object; a message needs a handful. */
const MAX_ENVELOPE_KEYS = 1024;

/** Beyond this a list is slower than a set. */
const MAX_LISTED = 16;

/** The keys of one object. Most have a handful, which a list compares faster than a set hashes. */
class KeyList {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  get size(): number {
    return this.#many?.size ?? this.#few.length;
  }

  /** Adds a key; `false` when it was there. */
  add(key: string): boolean {
    if (this.#many !== undefined) {
      const before = this.#many.size;
      return this.#many.add(key).size > before;
    }
    if (this.#few.includes(key)) return false;
    this.#few.push(key);
    if (this.#few.length > MAX_LISTED) this.#many = new Set(this.#few);
    return true;
  }
}

/**
 * Walks valid and invalid JSON alike, up to the end of the first value; what is no JSON at all is
 * left for the parser to refuse.
 */
class EnvelopeScanner {
  readonly ids: (string | undefined)[] = [];
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #hasEnvelope: boolean;
  readonly #keys: (KeyList | undefined)[] = [];
  #depth = 0;
  #messageDepth = 1;
  #lastKey = '';
  #idStart = -1;

  constructor(text: string, maxDepth: number, hasEnvelope: boolean) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#hasEnvelope = hasEnvelope;
  }

  scan(): void {
    for (let index = 0; index < this.#text.length; index += 1) {
      switch (this.#text.charCodeAt(index)) {
        case QUOTE:
          index = this.#string(index);
          break;
        case OPEN_BRACE:
        case OPEN_BRACKET:
          this.#open(index);
          break;
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          this.#endOfId(index);
          this.#keys[this.#depth] = undefined;
          this.#depth -= 1;
          if (this.#depth <= 0) return;
          break;
        case COMMA:
          this.#endOfId(index);
          break;
        default:
      }
    }
  }

  #open(index: number): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw publicError('ERR_INVALID_REQUEST', `JSON nests deeper than ${this.#maxDepth} levels`);
    }
    const isObject = this.#text.charCodeAt(index) === OPEN_BRACE;
    if (this.#depth === 1) this.#messageDepth = isObject ? 1 : 2;
    if (!isObject || !this.#hasEnvelope) return;
    const level = this.#depth - this.#messageDepth;
    if (level === 0) this.ids.push(undefined);
    if (this.#isEnvelope(level)) this.#keys[this.#depth] = new KeyList();
  }

  #isEnvelope(level: number): boolean {
    if (level === 0) return true;
    return this.#keys[this.#depth - 1] !== undefined && ENVELOPE_PATH[level - 1] === this.#lastKey;
  }

  /** Returns the index of the closing quote. */
  #string(start: number): number {
    const end = this.#closingQuote(start);
    const keys = this.#keys[this.#depth];
    if (keys !== undefined) this.#maybeKey(keys, start, end);
    return end;
  }

  #closingQuote(start: number): number {
    let end = this.#text.indexOf('"', start + 1);
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    return end === -1 ? this.#text.length : end;
  }

  #isEscaped(index: number): boolean {
    let backslashes = 0;
    while (this.#text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes += 1;
    return backslashes % 2 === 1;
  }

  #maybeKey(keys: KeyList, start: number, end: number): void {
    let after = end + 1;
    while (this.#text.charCodeAt(after) <= 0x20) after += 1;
    if (this.#text.charCodeAt(after) !== COLON) return;
    const key = unescapeKey(this.#text.slice(start + 1, end));
    if (!keys.add(key)) throw publicError('ERR_INVALID_REQUEST', 'a message names a key twice');
    if (keys.size > MAX_ENVELOPE_KEYS) {
      throw publicError('ERR_INVALID_REQUEST', `an envelope has over ${MAX_ENVELOPE_KEYS} keys`);
    }
    this.#lastKey = key;
    if (key === 'id' && this.#depth === this.#messageDepth) this.#idStart = after + 1;
  }

  #endOfId(index: number): void {
    if (this.#idStart === -1 || this.#depth !== this.#messageDepth) return;
    this.ids[this.ids.length - 1] = this.#text.slice(this.#idStart, index).trim();
    this.#idStart = -1;
  }
}

function unescapeKey(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    // Not JSON; the parser refuses the whole text right after this scan.
    return written;
  }
}

/**
 * Scans the text of one message or batch.
 *
 * @returns per message, in order, its id as written, or `undefined` where it has none
 * @throws {StromError} `ERR_INVALID_REQUEST` when it nests too deep, or an envelope repeats a key or
 * has too many
 */
export function scanEnvelope(text: string, maxDepth: number): readonly (string | undefined)[] {
  const scanner = new EnvelopeScanner(text, maxDepth, true);
  scanner.scan();
  return scanner.ids;
}

/**
 * Scans the text of a value that is no message.
 *
 * @throws {StromError} `ERR_INVALID_REQUEST` when it nests too deep
 */
export function checkDepth(text: string, maxDepth: number): void {
  new EnvelopeScanner(text, maxDepth, false).scan();
}
