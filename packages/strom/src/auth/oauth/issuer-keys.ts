import {
  type CryptoKey,
  createLocalJWKSet,
  errors,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import type { Clock } from '../../base/clock.ts';
import { CooledJob } from './cooled-job.ts';
import { fetchJson, issuerUnavailable } from './fetch-json.ts';

/** Keys are asked for at most so often, whatever tokens come in. */
const COOL_DOWN_MS = 30_000;
/** Older keys still count, while newer ones are fetched. */
const FRESH_MS = 10 * 60_000;
/** Keys of an issuer that cannot be reached count no longer than this. */
const USABLE_MS = 24 * 3_600_000;

interface Held {
  readonly find: LocalJWKSet;
  readonly fetchedAtMs: number;
}

/**
 * The signing keys of one issuer, kept and renewed.
 *
 * ```
 * key is known ──────────────▶ use it; fetch in the background when it is old
 * key is unknown, cooled down ▶ fetch once, look again
 * key is unknown, just looked ▶ refuse; or 503 if looking failed
 * ```
 */
export class IssuerKeys {
  readonly #clock: Clock;
  readonly #locate: () => Promise<string>;
  readonly #job: CooledJob<Held>;
  #held: Held | undefined;
  #url: string | undefined;

  /** @param locate - says where the keys are; asked again after a failure */
  constructor(locate: () => Promise<string>, clock: Clock) {
    this.#clock = clock;
    this.#locate = locate;
    this.#job = new CooledJob(() => this.#fetch(), clock, COOL_DOWN_MS);
  }

  /**
   * The key a token says it is signed with.
   *
   * @throws {StromError} `ERR_AUTH_UNAVAILABLE`
   * @throws {errors.JOSEError} when the issuer has no such key
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const held = await this.#usable();
    try {
      return await held.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (this.#job.isDue) return (await this.#job.run()).find(header, token);
      throw this.#job.failure ?? error;
    }
  }

  async #usable(): Promise<Held> {
    const held = this.#held;
    const ageMs = held === undefined ? Number.POSITIVE_INFINITY : this.#ageOf(held);
    if (held === undefined || ageMs > USABLE_MS) {
      if (!this.#job.isDue && this.#job.failure !== undefined) throw this.#job.failure;
      return this.#job.run();
    }
    if (ageMs > FRESH_MS && this.#job.isDue) {
      // Nobody waits for it: the keys at hand count meanwhile, and longer if it fails.
      this.#job.run().catch(() => undefined);
    }
    return held;
  }

  #ageOf(held: Held): number {
    return Math.abs(this.#clock.now() - held.fetchedAtMs);
  }

  async #fetch(): Promise<Held> {
    this.#url ??= await this.#locate();
    const url = this.#url;
    try {
      const set = (await fetchJson(url)) as unknown as JSONWebKeySet;
      this.#held = { find: createLocalJWKSet(set), fetchedAtMs: this.#clock.now() };
      return this.#held;
    } catch (error) {
      this.#url = undefined;
      throw error instanceof errors.JOSEError ? issuerUnavailable(url, error) : error;
    }
  }
}
