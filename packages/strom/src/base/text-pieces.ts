/** Pieces of this size are kept as they came; a smaller one would cost many times what it holds. */
const LARGE_CHARS = 16 * 1024;
/** So many small ones at most wait to be joined; each may hold on to the chunk it was cut from. */
const MAX_SMALL = 64;

/**
 * Text that arrives in pieces, whose sizes a peer chooses: however small they are, what is kept takes a
 * few times their sum at most. For bytes there is `BytePieces`.
 */
export class TextPieces {
  #whole: string[] = [];
  #small: string[] = [];
  #chars = 0;

  /** The characters of all of them. */
  get chars(): number {
    return this.#chars;
  }

  add(piece: string): void {
    if (piece === '') return;
    this.#chars += piece.length;
    if (piece.length >= LARGE_CHARS) {
      this.#closeSmall();
      this.#whole.push(piece);
      return;
    }
    this.#small.push(piece);
    if (this.#small.length === MAX_SMALL) this.#joinSmall();
  }

  /** All of them as one, which is the first where there is no other; nothing is kept after that. */
  take(): string {
    // Most texts come in one piece.
    if (this.#whole.length === 0 && this.#small.length <= 1) {
      this.#chars = 0;
      return this.#small.pop() ?? '';
    }
    this.#closeSmall();
    const whole = this.#whole;
    const all = whole.length === 1 ? (whole[0] ?? '') : whole.join('');
    this.clear();
    return all;
  }

  clear(): void {
    if (this.#whole.length > 0) this.#whole = [];
    if (this.#small.length > 0) this.#small = [];
    this.#chars = 0;
  }

  /** What is small together waits for more. */
  #joinSmall(): void {
    const joined = this.#small.join('');
    if (joined.length >= LARGE_CHARS) {
      this.#small = [];
      this.#whole.push(joined);
    } else this.#small = [joined];
  }

  #closeSmall(): void {
    const small = this.#small;
    if (small.length === 0) return;
    this.#whole.push(small.length === 1 ? (small[0] ?? '') : small.join(''));
    this.#small = [];
  }
}
