import type { Principal } from '../../base/principal.ts';

const MAX_TOKENS = 10_000;

interface Entry {
  /** Absent once the verdict is too old. */
  readonly principal?: Principal;
  readonly untilMs: number;
}

/**
 * Tokens that were verified, by a hash of the whole token. Bounded; the oldest go first.
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();

  get(digest: string, nowMs: number): Principal | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined) return undefined;
    if (entry.untilMs > nowMs) return entry.principal;
    if (entry.principal !== undefined) this.#entries.set(digest, { untilMs: entry.untilMs });
    return undefined;
  }

  /** Whether a token was found good the last time it was looked at, however long ago. */
  wasGood(digest: string): boolean {
    return this.#entries.has(digest);
  }

  delete(digest: string): void {
    this.#entries.delete(digest);
  }

  set(digest: string, principal: Principal, untilMs: number): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, { principal, untilMs });
    if (this.#entries.size <= MAX_TOKENS) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
