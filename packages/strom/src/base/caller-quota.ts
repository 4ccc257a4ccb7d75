import type { Principal } from './principal.ts';

/**
 * Counts what callers hold, so that none of them can take everything. Callers nobody has identified
 * cannot be told apart; for them only the total counts.
 */
export class CallerQuota {
  readonly #total: number;
  readonly #perCaller: number;
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(total: number, perCaller: number) {
    this.#total = total;
    this.#perCaller = perCaller;
  }

  /** Takes one for a caller; `false` when the caller, or all together, have too many. */
  take(principal: Principal): boolean {
    const held = this.#held.get(principal.id) ?? 0;
    const isIdentified = principal.kind === 'api-key' || principal.kind === 'oauth';
    if (this.#all >= this.#total || (isIdentified && held >= this.#perCaller)) return false;
    this.#all += 1;
    this.#held.set(principal.id, held + 1);
    return true;
  }

  /** Gives one back. */
  release(principal: Principal): void {
    const held = this.#held.get(principal.id) ?? 0;
    if (held === 0) return;
    this.#all -= 1;
    if (held === 1) this.#held.delete(principal.id);
    else this.#held.set(principal.id, held - 1);
  }
}
