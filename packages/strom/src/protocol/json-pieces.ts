/**
 * Large messages in pieces, so that they are never one text. What can change is spelled at once; a
 * long text, which cannot, is spelled while its pieces are taken.
 *
 * @module
 */
import { type JsonObject, toJson } from '../base/json.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import { utf8Length } from '../base/utf8-length.ts';
import { jsonChars } from './json-size.ts';
import { RawJson } from './raw-json.ts';

/** A message in pieces, each made when it is asked for. It can be read more than once. */
export interface Pieces extends Iterable<string> {
  /** Of UTF-8. */
  readonly bytes: number;
}

/** Some of a text, or a long text in it that is spelled as the inside of a JSON string when it is read. */
export type Part = string | Iterable<string>;

type Members = Record<string | number, unknown>;

const PIECE_CHARS = 32 * 1024;
/** Smaller members are spelled together; larger texts while they are sent. */
const SMALL_CHARS = 1024;
/** Longest message, in characters. */
export const MAX_OUTCOME_CHARS = 64 * 1024 * 1024;

export function tooLarge(): StromError {
  return publicError('ERR_RESULT_TOO_LARGE', 'The result exceeds 64 MiB.');
}

/** Collects the parts of one message. All of it throws `ERR_RESULT_TOO_LARGE` beyond 64 MiB. */
export class PiecesBuilder {
  readonly #parts: Part[] = [];
  /** What is being spelled, outermost first. */
  readonly #around: object[] = [];
  #last = '';
  #chars = 0;

  /** Adds a text as it is. */
  add(text: string): void {
    this.#count(text.length);
    // To join it with others would be one more copy of it.
    if (text.length >= PIECE_CHARS / 2) this.addPieces(new LongText(text, { isSpelled: true }));
    else this.#last += text;
    if (this.#last.length >= PIECE_CHARS) this.#closeLast();
  }

  /** Adds pieces as they are; they are read again whenever the message is. */
  addPieces(pieces: Iterable<string>): void {
    this.#closeLast();
    this.#parts.push(pieces);
  }

  /**
   * Adds the members of an object or the elements of a list, without what encloses them.
   *
   * @throws {StromError} `ERR_INTERNAL` when something in it has no JSON form
   */
  addMembers(container: JsonObject | readonly unknown[]): void {
    if (this.#around.includes(container)) {
      throw new StromError('ERR_INTERNAL', 'a value contains itself');
    }
    this.#around.push(container);
    const isList = Array.isArray(container);
    const all = container as Members;
    let separator = '';
    let few: Members | unknown[] | undefined;
    let fewChars = 0;
    const addFew = (): void => {
      if (few === undefined) return;
      const text = textOf(few, separator);
      this.add(text);
      if (text !== '') separator = ',';
      few = undefined;
      fewChars = 0;
    };
    for (const name of isList ? container.keys() : Object.keys(container)) {
      const member = all[name];
      const chars = jsonChars(member, SMALL_CHARS);
      if (chars < SMALL_CHARS) {
        few ??= emptyLike(container, separator);
        if (Array.isArray(few)) few.push(member);
        else few[name] = member;
        fewChars += chars;
        if (fewChars >= PIECE_CHARS) addFew();
        continue;
      }
      addFew();
      this.add(isList ? separator : `${separator}${JSON.stringify(name)}:`);
      separator = ',';
      this.#addLarge(member);
    }
    addFew();
    this.#around.pop();
  }

  done(): Pieces {
    this.#closeLast();
    const pieces = new PartList(this.#parts);
    if (pieces.chars > MAX_OUTCOME_CHARS) throw tooLarge();
    return pieces;
  }

  #addLarge(value: unknown): void {
    if (typeof value === 'string') {
      this.add('"');
      this.#count(value.length);
      this.addPieces(new LongText(value, { isSpelled: false }));
      this.add('"');
      return;
    }
    if (value instanceof RawJson) {
      this.addPieces(value.pieces);
      return;
    }
    const container = value as JsonObject | readonly unknown[];
    if ('toJSON' in container || container instanceof String) {
      this.add(toJson(container));
      return;
    }
    const isList = Array.isArray(container);
    this.add(isList ? '[' : '{');
    this.addMembers(container);
    this.add(isList ? ']' : '}');
  }

  #closeLast(): void {
    if (this.#last !== '') this.#parts.push(this.#last);
    this.#last = '';
  }

  #count(chars: number): void {
    this.#chars += chars;
    if (this.#chars > MAX_OUTCOME_CHARS) throw tooLarge();
  }
}

/** Messages as one JSON array. */
export function joinedPieces(messages: readonly (string | Pieces)[]): Pieces {
  const all = messages.map((message) => (typeof message === 'string' ? [message] : message));
  const bytes = messages
    .map((message) => (typeof message === 'string' ? utf8Length(message) : message.bytes))
    .reduce((sum, each) => sum + 1 + each, 1);
  return {
    bytes,
    *[Symbol.iterator]() {
      for (const [index, message] of all.entries()) {
        yield index === 0 ? '[' : ',';
        yield* message;
      }
      yield ']';
    },
  };
}

/**
 * Where a few members or elements are gathered. Keys of the input are plain data: in an object
 * without a prototype all of them are. A list that goes on begins with a 0 that is cut off again:
 * to put the comma in front would be one more copy of the text.
 */
function emptyLike(container: object, separator: string): Members | unknown[] {
  if (Array.isArray(container)) return separator === '' ? [] : [0];
  return Object.create(null);
}

function textOf(few: Members | unknown[], separator: string): string {
  const text = toJson(few);
  if (Array.isArray(few)) return text.slice(separator === '' ? 1 : 2, -1);
  return text === '{}' ? '' : separator + text.slice(1, -1);
}

/** What pieces are made of: long texts are given as they are, to be spelled by who reads them. */
export function* partsOf(pieces: Iterable<string>): Iterable<Part> {
  if (pieces instanceof PartList) {
    for (const part of pieces.parts) {
      if (typeof part === 'string') yield part;
      else yield* partsOf(part);
    }
  } else if (pieces instanceof LongText && !pieces.isSpelled) yield pieces;
  else yield* pieces;
}

/** Parts in a row. To be measured they are read once. */
export class PartList implements Pieces {
  readonly parts: readonly Part[];
  #size: { readonly bytes: number; readonly chars: number } | undefined;

  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  get bytes(): number {
    return this.#measured().bytes;
  }

  get chars(): number {
    return this.#measured().chars;
  }

  /** Small ones leave together: to write a piece costs more than to join it. */
  *[Symbol.iterator](): Iterator<string> {
    let gathered = '';
    for (const piece of this.#all()) {
      if (gathered.length + piece.length > PIECE_CHARS && gathered !== '') {
        yield gathered;
        gathered = '';
      }
      gathered += piece;
    }
    if (gathered !== '') yield gathered;
  }

  *#all(): Iterable<string> {
    for (const part of this.parts) {
      if (typeof part === 'string') yield part;
      else yield* part;
    }
  }

  #measured(): { readonly bytes: number; readonly chars: number } {
    if (this.#size !== undefined) return this.#size;
    let bytes = 0;
    let chars = 0;
    for (const piece of this) {
      bytes += utf8Length(piece);
      chars += piece.length;
    }
    this.#size = { bytes, chars };
    return this.#size;
  }
}

/** A text that is sent as it is, or as the inside of a JSON string. */
class LongText implements Iterable<string> {
  readonly isSpelled: boolean;
  readonly #text: string;

  constructor(text: string, { isSpelled }: { readonly isSpelled: boolean }) {
    this.#text = text;
    this.isSpelled = isSpelled;
  }

  /** No pair of surrogates is cut in two: half of one is no text. */
  *[Symbol.iterator](): Iterator<string> {
    const text = this.#text;
    let start = 0;
    while (start < text.length) {
      let end = start + PIECE_CHARS;
      if (cutsPair(text, end)) end += 1;
      const slice = text.slice(start, end);
      yield this.isSpelled ? slice : JSON.stringify(slice).slice(1, -1);
      start = end;
    }
  }
}

function cutsPair(text: string, at: number): boolean {
  const isHigh = (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
  return isHigh && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
