/**
 * The sign of life of a process that holds sessions: a record of the store that expires unless it is
 * renewed. All sessions of the process stand and fall with it.
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import { isJsonObject, ownValue } from '../base/json.ts';
import type { SessionStore } from './session-store.ts';

/** Knows more of processes than what they say in the store. */
export interface ProcessWatch {
  /** Names this process for {@link ProcessWatch.isGone} of others. */
  readonly mark: string;
  /** Whether the process of a mark has certainly ended; `false` when that cannot be known. */
  isGone(mark: string): boolean;
}

export interface ProcessLeaseOptions {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly id: string;
  /** Loads what knows more, where anything does. */
  readonly watch?: (() => Promise<ProcessWatch>) | undefined;
  /** Told when the lease was renewed after it had run out: others may have taken sessions over. */
  onLapsed(): Promise<void>;
  /** Told of renewals that failed. */
  onFailure(error: unknown): void;
}

/** How long a process that gives no sign is taken for alive. */
const LEASE_MS = 10_000;
const RENEWALS_PER_LEASE = 3;
/** No session has such an id, and no principal that owner. */
const RECORD_PREFIX = 'holder/';
const NO_OWNER = '';

export class ProcessLease {
  readonly #options: ProcessLeaseOptions;
  #untilMs = Number.NEGATIVE_INFINITY;
  #started: Promise<void> | undefined;
  #renewing: Promise<void> | undefined;
  #watch: ProcessWatch | undefined;
  #timer: Timer | undefined;
  #isEnded = false;

  constructor(options: ProcessLeaseOptions) {
    this.#options = options;
  }

  /** Whether nobody can take this process for gone. */
  get isGood(): boolean {
    return this.#options.clock.now() < this.#untilMs;
  }

  /** Gives the first sign of life, and goes on to do so. */
  async start(): Promise<void> {
    this.#started ??= this.#start();
    try {
      await this.#started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  /** Renews the lease; after a lapse, makes sure of what is still held. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Whether another process cannot hold anything any more. */
  async isGone(holder: string): Promise<boolean> {
    const { store, clock } = this.#options;
    const record = await store.session(RECORD_PREFIX + holder);
    if (record === undefined || record.expiresAtMs <= clock.now()) return true;
    return this.#watch?.isGone(markOf(record.facts)) === true;
  }

  /** Lets others take over at once what this process has held. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#timer?.cancel();
    if (this.#started === undefined) return;
    await Promise.allSettled([this.#started, this.#renewing]);
    await this.#options.store.deleteSession(RECORD_PREFIX + this.#options.id);
  }

  async #start(): Promise<void> {
    this.#watch = await this.#options.watch?.();
    this.#untilMs = await this.#save();
    if (this.#isEnded) return;
    this.#timer = this.#options.clock.every(LEASE_MS / RENEWALS_PER_LEASE, () => {
      this.renew().catch((error: unknown) => this.#options.onFailure(error));
    });
  }

  async #renew(): Promise<void> {
    const untilMs = await this.#save();
    // Until it is certain what is still held, the lease does not count as good.
    if (!this.isGood) await this.#options.onLapsed();
    this.#untilMs = untilMs;
  }

  /** @returns until when the sign of life counts */
  async #save(): Promise<number> {
    const { store, clock, id } = this.#options;
    const expiresAtMs = clock.now() + LEASE_MS;
    if (this.#isEnded) return this.#untilMs;
    const facts = JSON.stringify({ mark: this.#watch?.mark ?? '' });
    await store.saveSession({ id: RECORD_PREFIX + id, owner: NO_OWNER, facts, expiresAtMs });
    return expiresAtMs;
  }
}

function markOf(facts: string): string {
  const value: unknown = JSON.parse(facts);
  const mark = isJsonObject(value) ? ownValue(value, 'mark') : undefined;
  return typeof mark === 'string' ? mark : '';
}
