import type { Revocation } from '../base/principal.ts';

/** The switch behind a {@link Revocation}: whoever listens is told once it is thrown. */
export class Withdrawal implements Revocation {
  readonly #listeners = new Set<() => void>();
  readonly #onListen: () => void;
  #isWithdrawn = false;

  /** @param onListen - told whenever somebody begins to listen */
  constructor(onListen: () => void) {
    this.#onListen = onListen;
  }

  /** Whether something runs that would end. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: () => void): () => void {
    if (this.#isWithdrawn) {
      listener();
      return () => undefined;
    }
    this.#listeners.add(listener);
    this.#onListen();
    return () => this.#listeners.delete(listener);
  }

  withdraw(): void {
    this.#isWithdrawn = true;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }
}
