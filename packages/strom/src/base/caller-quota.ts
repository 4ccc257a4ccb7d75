import type { ErrorCode } from './error-codes.ts';
import { isLoopbackAddress, siteOf } from './ip-address.ts';
import type { Principal } from './principal.ts';
import { publicError, type StromError } from './strom-error.ts';

const DEFAULT_PER_CALLER = 1000;

export interface QuotaOptions {
  /** What is counted, and the settings that bound it, for those who read the refusal. */
  readonly what: string;
  /** How many all callers together may hold. */
  readonly total: number;
  /** What they are told beyond. */
  readonly totalCode: ErrorCode;
  /**
   * How many one caller may hold. Default 1000, but no limit for callers on this machine who have not
   * signed in: they may all be behind one proxy.
   */
  readonly perCaller: number | undefined;
}

/**
 * Counts what callers hold, so that none of them can take everything. Callers nobody has identified
 * are told apart by their addresses; where there are none, only the total counts.
 */
export class CallerQuota {
  readonly #options: QuotaOptions;
  readonly #perCaller: number;
  readonly #held = new Map<string, number>();
  #all = 0;

  constructor(options: QuotaOptions) {
    this.#options = options;
    this.#perCaller = options.perCaller ?? DEFAULT_PER_CALLER;
  }

  /**
   * Takes one for a caller.
   *
   * @returns why not: `ERR_CALLER_LIMIT`, or the code for all together; `undefined` when it was taken
   */
  take(principal: Principal): StromError | undefined {
    const { total, totalCode, what } = this.#options;
    const account = this.#accountOf(principal);
    const held = account === undefined ? 0 : (this.#held.get(account) ?? 0);
    if (held >= this.#perCaller) return publicError('ERR_CALLER_LIMIT', `Too many ${what}`);
    if (this.#all >= total) return publicError(totalCode, `Too many ${what}`);
    this.#all += 1;
    if (account !== undefined) this.#held.set(account, held + 1);
    return undefined;
  }

  /** Gives one back that was taken for this caller. */
  release(principal: Principal): void {
    this.#all -= 1;
    const account = this.#accountOf(principal);
    if (account === undefined) return;
    const held = this.#held.get(account) ?? 0;
    if (held > 1) this.#held.set(account, held - 1);
    else this.#held.delete(account);
  }

  #accountOf(principal: Principal): string | undefined {
    return accountOf(principal, this.#options.perCaller !== undefined);
  }
}

/**
 * Whom a limit counts something for; `undefined` for callers that cannot be told apart.
 *
 * @param countsThisMachine - whether callers on this machine who have not signed in are counted
 */
export function accountOf(principal: Principal, countsThisMachine: boolean): string | undefined {
  const { kind, id, address } = principal;
  if (kind === 'api-key' || kind === 'oauth') return id;
  if (kind === 'local' || address === undefined) return undefined;
  return countsThisMachine || !isLoopbackAddress(address) ? siteOf(address) : undefined;
}
