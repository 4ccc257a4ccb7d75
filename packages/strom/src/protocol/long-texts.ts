/**
 * Long texts in JSON, the reading half of long outcomes: they are unescaped while they arrive, and
 * taken out of the JSON, so that a file in a result is never in memory a second time as JSON text.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { TextPieces } from '../base/text-pieces.ts';
import { isEscaped, lastWhole } from './json-escapes.ts';

/** Shorter messages cost less to copy than to read in parts. */
export const LONG_CHARS = 256 * 1024;
/** Of shorter texts in a long message, what stands for them takes too much beside what they do. */
const LONG_TEXT_CHARS = 1024;
/** A string that is open is looked at again with every part that is read; so they must not be small. */
const LEAST_READ_CHARS = 16 * 1024;

/** Stands for a long text in the JSON around it; no peer can know it. */
const MARK = `long-${Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')}:`;

/** Takes the long texts out of one message that comes in parts. */
export class LongTexts {
  readonly #leastChars: number;
  readonly #leastReadChars: number;
  readonly #texts: string[] = [];
  /** Parts too small to be read by themselves. */
  readonly #waiting = new TextPieces();
  /** What is read and not given on: the string that is open, from where it is not unescaped yet. */
  #rest = '';
  #isInString = false;
  /** The beginning of the open string, once that is long. */
  #begun: string | undefined;
  #chars = 0;
  #failure: StromError | undefined;

  /** @param leastChars - how long a text must be, in characters as written, to be taken out */
  constructor(leastChars = LONG_TEXT_CHARS) {
    this.#leastChars = leastChars;
    this.#leastReadChars = Math.min(leastChars, LEAST_READ_CHARS);
  }

  /** Whether nothing was taken out: what was kept is what was read. */
  get isEmpty(): boolean {
    return this.#texts.length === 0;
  }

  /** Characters taken out so far. */
  get chars(): number {
    return this.#chars;
  }

  /**
   * Reads on.
   *
   * @returns the JSON to keep, as far as it is known yet
   */
  push(part: string): string {
    this.#waiting.add(part);
    return this.#waiting.chars < this.#leastReadChars ? '' : this.#read(this.#waiting.take());
  }

  #read(part: string): string {
    const text = this.#rest + part;
    let from = this.#rest.length;
    let start = 0;
    let kept = '';
    let keptTo = 0;
    this.#rest = '';
    for (;;) {
      const quote = text.indexOf('"', from);
      if (this.#isInString && quote !== -1 && isEscaped(text, start, quote)) {
        from = quote + 1;
        continue;
      }
      if (quote === -1) break;
      if (this.#isInString && this.#isLong(quote - start)) {
        kept += text.slice(keptTo, start) + this.#takeOut(text.slice(start, quote));
        keptTo = quote;
      }
      this.#isInString = !this.#isInString;
      start = quote + 1;
      from = start;
    }
    // Cut as seldom as possible: a string for each of many short texts would take more than they do.
    if (!this.#isInString) return kept + text.slice(keptTo);
    this.#suspend(text.slice(start));
    return kept + text.slice(keptTo, start);
  }

  /** Ends a line, beyond which no string of JSON reaches; gives the JSON that is left of it. */
  endLine(): string {
    const read = this.#read(this.#waiting.take());
    const rest = this.#begun === undefined ? this.#rest : this.#takeOut(this.#rest);
    this.#rest = '';
    this.#isInString = false;
    return read + rest;
  }

  /**
   * Puts the texts back into what was parsed, in place where it is an object or array.
   *
   * @throws {StromError} `ERR_PROTOCOL` when a long text was no JSON string
   */
  restore(value: unknown): unknown {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#texts.length === 0 ? value : this.#restored(value);
  }

  /** Writes only where something changes: objects that are written to take more memory. */
  #restored(value: unknown): unknown {
    if (typeof value === 'string') return this.#original(value);
    if (typeof value !== 'object' || value === null) return value;
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      const member = members[name];
      const restored = this.#restored(member);
      const originalName = this.#original(name);
      if (originalName !== name) rename(members, name, { name: originalName, value: restored });
      else if (restored !== member) members[name] = restored;
    }
    return value;
  }

  #original(text: string): string {
    if (!text.startsWith(MARK)) return text;
    return this.#texts[Number(text.slice(MARK.length))] ?? text;
  }

  /** Whether the open string is to be taken out when it has so many more characters. */
  #isLong(chars: number): boolean {
    return this.#begun !== undefined || chars >= this.#leastChars;
  }

  /** Keeps the beginning of a string for later. */
  #suspend(text: string): void {
    if (!this.#isLong(text.length)) {
      this.#rest = text;
      return;
    }
    const end = lastWhole(text);
    this.#unescape(text.slice(0, end));
    this.#rest = text.slice(end);
  }

  /** Ends a long string; gives what stands for it. */
  #takeOut(text: string): string {
    this.#unescape(text);
    const index = this.#texts.push(this.#begun ?? '') - 1;
    this.#begun = undefined;
    return `${MARK}${index}`;
  }

  #unescape(text: string): void {
    try {
      const piece = String(JSON.parse(`"${text}"`));
      // V8 joins without a copy until somebody reads the text.
      this.#begun = (this.#begun ?? '') + piece;
      this.#chars += piece.length;
    } catch (cause) {
      const reason = 'the server sent something that is no message';
      this.#failure ??= new StromError('ERR_PROTOCOL', reason, { cause });
    }
  }
}

/** A name of the input is plain data, also where it is that of the prototype. */
function rename(
  members: Record<string, unknown>,
  from: string,
  { name, value }: { readonly name: string; readonly value: unknown },
): void {
  delete members[from];
  Object.defineProperty(members, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
