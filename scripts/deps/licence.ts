/** What may be part of what is published. */
export const RUNTIME_LICENCES: ReadonlySet<string> = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  '0BSD',
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Zlib',
]);

/** What development may use besides: nothing of it reaches a user. */
export const DEVELOPMENT_LICENCES: ReadonlySet<string> = new Set([
  ...RUNTIME_LICENCES,
  'CC-BY-4.0',
  'MPL-2.0',
  'Python-2.0',
]);

/**
 * Whether an SPDX expression is satisfied by the licences that may be used: one side of each `OR`,
 * both of each `AND`. What cannot be read is not.
 *
 * @see https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  const reader = new Reader(words, allowed);
  return reader.either() && reader.isAtEnd;
}

/** `AND` binds more tightly than `OR`. */
class Reader {
  readonly #words: readonly string[];
  readonly #allowed: ReadonlySet<string>;
  #at = 0;

  constructor(words: readonly string[], allowed: ReadonlySet<string>) {
    this.#words = words;
    this.#allowed = allowed;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  either(): boolean {
    let isMet = this.#both();
    while (this.#take('OR')) isMet = this.#both() || isMet;
    return isMet;
  }

  #both(): boolean {
    let isMet = this.#one();
    while (this.#take('AND')) isMet = this.#one() && isMet;
    return isMet;
  }

  #one(): boolean {
    if (this.#take('(')) {
      const isMet = this.either();
      return this.#take(')') && isMet;
    }
    const name = this.#words[this.#at] ?? '';
    this.#at += 1;
    return this.#allowed.has(name);
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at += 1;
    return true;
  }
}
