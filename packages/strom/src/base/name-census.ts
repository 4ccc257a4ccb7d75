import { accountOf } from './caller-quota.ts';
import { cleanText } from './clean-text.ts';
import type { Clock } from './clock.ts';
import type { Principal } from './principal.ts';

/** Stands for every name that has no place. */
export const OTHER = '_OTHER';

/** How long a name keeps its place after it was seen last. */
const STAYS_MS = 60 * 60_000;
const DEFAULT_MAX = 200;
const DEFAULT_MAX_PER_CALLER = 20;

export interface NameCensusOptions {
  readonly clock: Clock;
  /** Told when a name gives up its place; what was counted for it is to go to {@link OTHER}. */
  readonly onLeft: (name: string) => void;
  /** Names at once. Default 200. */
  readonly max?: number;
  /** Names at once that one caller has brought. Default 20. */
  readonly maxPerCaller?: number;
}

interface Place {
  readonly name: string;
  /** Who has brought the name; `undefined` for callers that cannot be told apart. */
  readonly account: string | undefined;
  lastSeenMs: number;
}

/**
 * The names that callers give themselves, bounded so that nobody who makes up names takes the place of
 * the others: one caller brings so many and no more, and a name that was not seen for an hour leaves its
 * place to a new one. It goes no faster than that, since who reads the counts keeps every name for long.
 */
export class NameCensus {
  readonly #options: NameCensusOptions;
  readonly #max: number;
  readonly #maxPerCaller: number;
  readonly #places = new Map<string, Place>();

  constructor(options: NameCensusOptions) {
    this.#options = options;
    this.#max = options.max ?? DEFAULT_MAX;
    this.#maxPerCaller = options.maxPerCaller ?? DEFAULT_MAX_PER_CALLER;
  }

  /** The name to count something under: the text made fit, or {@link OTHER}. */
  of(text: string, principal: Principal): string {
    const place = this.#places.get(text) ?? this.#placeOf(cleanText(text), principal);
    if (place === undefined) return OTHER;
    place.lastSeenMs = this.#options.clock.now();
    return place.name;
  }

  #placeOf(name: string, principal: Principal): Place | undefined {
    const known = this.#places.get(name);
    if (known !== undefined || name === OTHER) return known;
    const account = accountOf(principal, false);
    if (!this.#makeRoom(account)) return undefined;
    const place = { name, account, lastSeenMs: 0 };
    this.#places.set(name, place);
    return place;
  }

  #makeRoom(account: string | undefined): boolean {
    const all = [...this.#places.values()];
    const own = account === undefined ? [] : all.filter((place) => place.account === account);
    if (own.length >= this.#maxPerCaller) return this.#free(own);
    return all.length < this.#max || this.#free(all);
  }

  /** Frees the place of the name that was not seen for longest, if that is long enough. */
  #free(places: readonly Place[]): boolean {
    const oldest = places.reduce((a, b) => (b.lastSeenMs < a.lastSeenMs ? b : a));
    if (this.#options.clock.now() - oldest.lastSeenMs < STAYS_MS) return false;
    this.#places.delete(oldest.name);
    this.#options.onLeft(oldest.name);
    return true;
  }
}
