/** Pieces of this size are kept as they came; a smaller one would cost many times what it holds. */
const LARGE_BYTES = 16 * 1024;
/** What small ones share grows up to this. */
const MAX_SHARED_BYTES = 64 * 1024;
const LEAST_SHARED_BYTES = 4 * 1024;

/**
 * Bytes that arrive in pieces, whose sizes a peer chooses: however small they are, what is kept takes
 * a few times their sum at most.
 */
export class BytePieces {
  #whole: Uint8Array[] = [];
  /** Holds small pieces one after the other. */
  #shared: Uint8Array | undefined;
  #used = 0;
  #nextBytes = LEAST_SHARED_BYTES;

  /** A piece may be kept as it is, so it must not be written to any more. */
  add(piece: Uint8Array): void {
    // Most texts come in one piece.
    if (this.#whole.length === 0 && this.#shared === undefined) this.#whole.push(piece);
    else if (piece.length >= LARGE_BYTES) {
      this.#closeShared();
      this.#whole.push(piece);
    } else this.#copy(piece);
  }

  /** All of them as one, which is the first where there is no other; nothing is kept after that. */
  take(): Uint8Array {
    this.#closeShared();
    const whole = this.#whole;
    this.#whole = [];
    const [first] = whole;
    if (first !== undefined && whole.length === 1) return first;
    const all = new Uint8Array(whole.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of whole) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #copy(piece: Uint8Array): void {
    const room = (this.#shared?.length ?? 0) - this.#used;
    if (this.#shared === undefined || piece.length > room) {
      this.#closeShared();
      this.#shared = new Uint8Array(Math.max(this.#nextBytes, piece.length));
      this.#nextBytes = Math.min(this.#nextBytes * 2, MAX_SHARED_BYTES);
    }
    this.#shared.set(piece, this.#used);
    this.#used += piece.length;
  }

  #closeShared(): void {
    if (this.#shared !== undefined) this.#whole.push(this.#shared.subarray(0, this.#used));
    this.#shared = undefined;
    this.#used = 0;
  }
}
