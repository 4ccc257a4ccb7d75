import type { Principal } from '../../base/principal.ts';

const MAX_TOKENS = 10_000;

/** Between which moments a verdict counts. Before the first a clock was set back, and nobody knows how old it is. */
export interface Validity {
  readonly sinceMs: number;
  readonly untilMs: number;
}

interface Entry extends Validity {
  /** Absent once the verdict is too old. */
  readonly principal?: Principal;
}

/**
 * Tokens that were verified, by a hash of the whole token. Bounded; the oldest go first.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();

  get(digest: string, nowMs: number): Principal | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    const { principal, sinceMs, untilMs } = entry;
    if (sinceMs <= nowMs && nowMs < untilMs) return principal;
    if (principal !== undefined) this.#entries.set(digest, { sinceMs, untilMs });
    return undefined;
  }

  /** Whether a token was found good the last time it was looked at, however long ago. */
  wasGood(digest: string): boolean {
    return this.#entries.has(digest);
  }

  delete(digest: string): void {
    this.#entries.delete(digest);
  }

  set(digest: string, principal: Principal, { sinceMs, untilMs }: Validity): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, { principal, sinceMs, untilMs });
    if (this.#entries.size <= MAX_TOKENS) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
