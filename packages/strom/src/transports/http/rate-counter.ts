import type { RateLimiterMemory } from 'rate-limiter-flexible';

/** So many requests in so much time, counted from the first of them. */
export interface Rate {
  requests: number;
  /** Milliseconds; at most 24 days. */
  perMs: number;
}

/** Counts what callers do, by a key for each. */
export interface RateCounter {
  /** Counts one more; resolves with the milliseconds to wait where it was one too many, else 0. */
  count(key: string): Promise<number>;
  /** Counts nothing; resolves with the milliseconds to wait where one more would be too many, else 0. */
  waitMs(key: string): Promise<number>;
}

/** Callers that are counted one by one in a period; further ones share what is counted. */
const MAX_KEYS = 20_000;
const SHARED_KEYS = 1024;
const MS_PER_SECOND = 1000;

/** Counts in the memory of this process, which is bounded whatever keys come. */
export class MemoryRateCounter implements RateCounter {
  readonly #rate: Rate;
  #limiter: Promise<RateLimiterMemory> | undefined;
  #keys = new Set<string>();
  #keysSinceMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  async count(key: string): Promise<number> {
    this.#limiter ??= this.#load();
    const limiter = await this.#limiter;
    try {
      await limiter.consume(this.#bounded(key));
      return 0;
    } catch (refused) {
      // The library throws the state of the count where it is exceeded, and errors for all else.
      if (refused instanceof Error) throw refused;
      return Math.max(1, (refused as { msBeforeNext: number }).msBeforeNext);
    }
  }

  async waitMs(key: string): Promise<number> {
    if (this.#limiter === undefined) return 0;
    const state = await (await this.#limiter).get(this.#keys.has(key) ? key : sharedKey(key));
    return state === null || state.remainingPoints > 0 ? 0 : Math.max(1, state.msBeforeNext);
  }

  /** Loaded on demand: most servers on loopback never count. */
  async #load(): Promise<RateLimiterMemory> {
    const { RateLimiterMemory: Limiter } = await import('rate-limiter-flexible');
    const { requests, perMs } = this.#rate;
    return new Limiter({ points: requests, duration: perMs / MS_PER_SECOND });
  }

  #bounded(key: string): string {
    const nowMs = performance.now();
    if (nowMs - this.#keysSinceMs > this.#rate.perMs) {
      this.#keys = new Set();
      this.#keysSinceMs = nowMs;
    }
    if (this.#keys.has(key)) return key;
    if (this.#keys.size >= MAX_KEYS) return sharedKey(key);
    this.#keys.add(key);
    return key;
  }
}

function sharedKey(key: string): string {
  return `shared ${hashOf(key) % SHARED_KEYS}`;
}

function hashOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) {
    hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0;
  }
  return hash;
}
