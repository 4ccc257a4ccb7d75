/** Longer texts are not worth remembering. */
const MAX_CHARS = 256;
/** What a peer that invents texts can make one memo hold. */
const DEFAULT_MAX_ENTRIES = 64;

/**
 * What is worked out again and again for the same few texts: one look-up instead of a regular
 * expression for every header of every request. Starts afresh when it is full.
 */
export class Memo<Value> {
  readonly #read: (text: string) => Value;
  readonly #maxEntries: number;
  readonly #known = new Map<string, Value>();

  /** @param read - a pure function that returns no `undefined` */
  constructor(read: (text: string) => Value, maxEntries = DEFAULT_MAX_ENTRIES) {
    this.#read = read;
    this.#maxEntries = maxEntries;
  }

  of(text: string): Value {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const value = this.#read(text);
    if (text.length > MAX_CHARS) return value;
    if (this.#known.size >= this.#maxEntries) this.#known.clear();
    this.#known.set(text, value);
    return value;
  }
}
