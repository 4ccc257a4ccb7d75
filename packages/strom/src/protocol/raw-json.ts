/** A value that is JSON text already, such as a large result that was stored: it is not parsed to be sent. */
export class RawJson {
  readonly text: string;

  /** @param text - one JSON value */
  constructor(text: string) {
    this.text = text;
  }

  /** For those who spell it in the usual way. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}
