import type { Principal } from '../../base/principal.ts';

const MAX_TOKENS = 10_000;

interface Entry {
  readonly principal: Principal;
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
    this.#entries.delete(digest);
    return undefined;
  }

  set(digest: string, principal: Principal, untilMs: number): void {
    this.#entries.set(digest, { principal, untilMs });
    if (this.#entries.size <= MAX_TOKENS) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
