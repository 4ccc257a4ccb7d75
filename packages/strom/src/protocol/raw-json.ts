/** A value that is JSON text already, such as a large result that was stored: it is not parsed to be sent. */
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

  /** For those who spell it in the usual way. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
