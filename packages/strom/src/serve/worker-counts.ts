/**
 * How the workers of a team tell each other what they have counted: one asks the primary, which asks
 * the others and hands on what they say.
 *
 * ```
 * worker ── ask ──▶ primary ── tell ──▶ every other worker
 * worker ◀── all ── primary ◀── told ── every other worker
 * ```
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import type { MetricsSnapshot } from '../calls/observer.ts';

/** A message of the channel between primary and worker; marked, since programs use it as well. */
export type CountsMessage =
  | { readonly strom: 'ask'; readonly round: number }
  | { readonly strom: 'tell'; readonly round: string }
  | { readonly strom: 'told'; readonly round: string; readonly counts: MetricsSnapshot }
  | { readonly strom: 'all'; readonly round: number; readonly counts: readonly MetricsSnapshot[] };

export function isCountsMessage(message: unknown): message is CountsMessage {
  return typeof message === 'object' && message !== null && 'strom' in message;
}

/** How long the others may take to say what they have counted; as long as prom-client gives. */
const PATIENCE_MS = 5_000;

export interface WorkerCountsOptions {
  readonly clock: Clock;
  readonly send: (message: CountsMessage) => void;
  /** What this worker has counted itself. */
  readonly own: () => Promise<MetricsSnapshot>;
}

interface Round {
  readonly number: number;
  readonly result: Promise<readonly MetricsSnapshot[]>;
  settle(counts: readonly MetricsSnapshot[]): void;
}

/** A worker's part in it. */
export class WorkerCounts {
  readonly #options: WorkerCountsOptions;
  #round: Round | undefined;
  #rounds = 0;

  constructor(options: WorkerCountsOptions) {
    this.#options = options;
  }

  /**
   * What the other workers have counted. Who asks meanwhile gets the same.
   *
   * @throws {StromError} `ERR_INTERNAL` when one of them says nothing for five seconds: a sum without it
   * would look as if counters had been set back
   */
  others(): Promise<readonly MetricsSnapshot[]> {
    this.#round ??= this.#ask();
    return this.#round.result;
  }

  /** Takes a message from the primary. Never rejects. */
  async receive(message: unknown): Promise<void> {
    if (!isCountsMessage(message)) return;
    if (message.strom === 'tell') {
      const counts = await this.#options.own();
      this.#options.send({ strom: 'told', round: message.round, counts });
    } else if (message.strom === 'all' && message.round === this.#round?.number) {
      this.#round.settle(message.counts);
    }
  }

  #ask(): Round {
    this.#rounds += 1;
    const number = this.#rounds;
    let settle: Round['settle'] = () => undefined;
    const result = new Promise<readonly MetricsSnapshot[]>((resolve, reject) => {
      const patience: Timer = this.#options.clock.after(PATIENCE_MS, () => {
        this.#round = undefined;
        reject(new StromError('ERR_INTERNAL', 'a worker did not tell what it has counted'));
      });
      settle = (counts) => {
        patience.cancel();
        this.#round = undefined;
        resolve(counts);
      };
    });
    this.#options.send({ strom: 'ask', round: number });
    return { number, result, settle };
  }
}
