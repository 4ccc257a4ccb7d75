/**
 * A value that is JSON text already, such as what is large in a result that was stored: it is not parsed
 * to be sent.
 */
export class RawJson {
  /** Of one JSON value; they can be read more than once. */
  readonly pieces: Iterable<string>;

  constructor(pieces: Iterable<string>) {
    this.pieces = pieces;
  }

  /** All of it, for those who cannot take pieces. */
  get text(): string {
    return [...this.pieces].join('');
  }

  get isObject(): boolean {
    return this.#begin === '{';
  }

  get isString(): boolean {
    return this.#begin === '"';
  }

  get #begin(): string | undefined {
    for (const piece of this.pieces) if (piece !== '') return piece[0];
    return undefined;
  }

  /** For those who spell it in the usual way. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }

  /** For those who look for a text, and take what is none for one. */
  toString(): string {
    return String(this.toJSON());
  }
}
