/**
 * How often callers may ask, and how often they may fail to say who they are.
 *
 * Credentials are looked at however often their address has failed before: a caller whose key is right
 * is let in, whatever others at the same address do. What failed too often gets another answer. Only
 * what somebody else would have to be asked about is refused unseen.
 *
 * @module
 */
import { accountOf } from '../../base/caller-quota.ts';
import { MAX_DELAY_MS } from '../../base/clock.ts';
import { isLoopbackAddress, siteOf } from '../../base/ip-address.ts';
import type { Principal } from '../../base/principal.ts';
import { publicError, StromError } from '../../base/strom-error.ts';
import { MemoryRateCounter, type Rate, type RateCounter } from './rate-counter.ts';

export interface RateLimits {
  /**
   * Requests of one caller who has signed in. Default 10 000 in 10 seconds, but no limit for callers
   * on this machine; `false` for none at all.
   */
  perCaller?: Rate | false;
  /** Requests from one address, of IPv6 from one network of 64 bits. Default as for `perCaller`. */
  perAddress?: Rate | false;
  /**
   * Credentials that do not hold, from one address, and for one API key by its prefix. Default 1000
   * in a minute; `false` for no limit.
   */
  failedAuth?: Rate | false;
}

const DEFAULT_RATE: Rate = { requests: 10_000, perMs: 10_000 };
const DEFAULT_FAILURES: Rate = { requests: 1000, perMs: 60_000 };
const FAILED_ATTEMPTS = 'failed attempts to sign in';
const FAILURES = new Set<string>(['ERR_INVALID_TOKEN', 'ERR_AUTH_MALFORMED']);

/** Counts by one rule. */
interface Rule {
  readonly counter: RateCounter;
  /** Whether it was set, and so counts callers on this machine as well. */
  readonly isSet: boolean;
}

export class RateGate {
  readonly #perCaller: Rule | undefined;
  readonly #perAddress: Rule | undefined;
  readonly #failures: Rule | undefined;
  /** Apart from the addresses: callers make up as many claims as they like. */
  readonly #failedClaims: Rule | undefined;

  /** @throws {TypeError} naming the rate that is none */
  constructor(limits: RateLimits) {
    this.#perCaller = ruleOf('perCaller', limits, DEFAULT_RATE);
    this.#perAddress = ruleOf('perAddress', limits, DEFAULT_RATE);
    this.#failures = ruleOf('failedAuth', limits, DEFAULT_FAILURES);
    this.#failedClaims = ruleOf('failedAuth', limits, DEFAULT_FAILURES);
  }

  /**
   * Counts a request before it is known who asks.
   *
   * @throws {StromError} `ERR_RATE_LIMITED`, later
   */
  countAddress(principal: Principal): Promise<void> | undefined {
    return count(this.#perAddress, principal);
  }

  /**
   * Counts a request of a caller who has signed in.
   *
   * @throws {StromError} `ERR_RATE_LIMITED`, later
   */
  countCaller(principal: Principal): Promise<void> | undefined {
    const rule = this.#perCaller;
    const { address } = principal;
    const isHere = address === undefined || isLoopbackAddress(address);
    return rule?.isSet === false && isHere ? undefined : count(rule, principal);
  }

  /**
   * Refuses an attempt unseen where so many from its address have failed; to be called before somebody
   * else is asked about it.
   *
   * @throws {StromError} `ERR_RATE_LIMITED`
   */
  async beforeAsking(principal: Principal): Promise<void> {
    const rule = this.#failures;
    const account = rule && accountOf(principal, rule.isSet);
    if (rule === undefined || account === undefined) return;
    const waitMs = await rule.counter.waitMs(account);
    if (waitMs > 0) throw rateLimited(waitMs, FAILED_ATTEMPTS);
  }

  /**
   * Counts an attempt that failed. One from an address that is over the limit counts for no key any more,
   * or a single address could fill the count of all keys.
   *
   * @returns what to answer: the error itself, or `ERR_RATE_LIMITED`
   */
  async afterFailure(error: unknown, { address, claim }: FailedAttempt): Promise<unknown> {
    if (!(error instanceof StromError && FAILURES.has(error.code))) return error;
    const byAddress = await countFor(this.#failures, address && siteOf(address));
    const waitMs = byAddress > 0 ? byAddress : await countFor(this.#failedClaims, claim);
    return waitMs === 0 ? error : rateLimited(waitMs, FAILED_ATTEMPTS);
  }
}

/** Whose attempt failed, as far as it is known. */
export interface FailedAttempt {
  /** Where it came from. */
  readonly address: string | undefined;
  /** The API key it claims to be. */
  readonly claim: string | undefined;
}

/** Resolves with the milliseconds to wait; 0 where nothing is counted. */
async function countFor(rule: Rule | undefined, key: string | undefined): Promise<number> {
  return key === undefined ? 0 : ((await rule?.counter.count(key)) ?? 0);
}

async function countWith(counter: RateCounter, account: string): Promise<void> {
  const waitMs = await counter.count(account);
  if (waitMs > 0) throw rateLimited(waitMs, 'requests');
}

function count(rule: Rule | undefined, principal: Principal): Promise<void> | undefined {
  const account = rule === undefined ? undefined : accountOf(principal, rule.isSet);
  if (rule === undefined || account === undefined) return undefined;
  return countWith(rule.counter, account);
}

function rateLimited(waitMs: number, what: string): StromError {
  const retryAfterMs = Math.ceil(waitMs);
  return publicError('ERR_RATE_LIMITED', `Too many ${what}; see rateLimits`, { retryAfterMs });
}

function ruleOf(name: keyof RateLimits, limits: RateLimits, byDefault: Rate): Rule | undefined {
  const rate = limits[name];
  const counter = counterOf(name, rate ?? byDefault);
  return counter && { counter, isSet: rate !== undefined };
}

/** What is counted is forgotten by a timer; one for longer would ring at once, and nothing would hold. */
function isPeriod(perMs: unknown): boolean {
  return typeof perMs === 'number' && perMs > 0 && perMs <= MAX_DELAY_MS;
}

function counterOf(name: string, rate: Rate | false): RateCounter | undefined {
  if (rate === false) return undefined;
  const { requests, perMs } = rate;
  const isRate = Number.isSafeInteger(requests) && requests > 0 && isPeriod(perMs);
  if (isRate) return new MemoryRateCounter(rate);
  throw new TypeError(`rateLimits.${name}: needs requests and perMs above 0, perMs up to 24 days`);
}
