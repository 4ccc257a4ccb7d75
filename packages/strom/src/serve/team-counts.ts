import type { MetricsSnapshot } from '../calls/observer.ts';
import { type CountsMessage, isCountsMessage } from './worker-counts.ts';

interface Collection {
  readonly asker: number;
  readonly round: number;
  /** Who has said nothing yet. */
  readonly waitingFor: Set<number>;
  readonly counts: MetricsSnapshot[];
}

/** The primary's part in telling workers what the others have counted. */
export class TeamCounts {
  readonly #send: (worker: number, message: CountsMessage) => void;
  /** By the worker that asked: one that asks again has given up the round before. */
  readonly #collections = new Map<number, Collection>();

  /** @param send - sends to a worker, if it is there */
  constructor(send: (worker: number, message: CountsMessage) => void) {
    this.#send = send;
  }

  /** Takes a message of one of the workers that live. */
  receive(worker: number, message: unknown, living: readonly number[]): void {
    if (!isCountsMessage(message)) return;
    if (message.strom === 'ask') this.#collect(worker, message.round, living);
    if (message.strom === 'told') this.#take(worker, message);
  }

  /** A worker has ended, and what it had counted with it. */
  left(worker: number): void {
    this.#collections.delete(worker);
    for (const collection of this.#collections.values()) {
      collection.waitingFor.delete(worker);
      this.#finish(collection);
    }
  }

  #collect(asker: number, round: number, living: readonly number[]): void {
    const waitingFor = new Set(living.filter((worker) => worker !== asker));
    const collection: Collection = { asker, round, waitingFor, counts: [] };
    this.#collections.set(asker, collection);
    for (const worker of waitingFor) {
      this.#send(worker, { strom: 'tell', round: nameOf(collection) });
    }
    this.#finish(collection);
  }

  #take(worker: number, message: CountsMessage & { readonly strom: 'told' }): void {
    const collection = this.#collections.get(Number(message.round.split('/', 1)[0]));
    if (collection === undefined || nameOf(collection) !== message.round) return;
    if (!collection.waitingFor.delete(worker)) return;
    collection.counts.push(message.counts);
    this.#finish(collection);
  }

  #finish({ asker, round, waitingFor, counts }: Collection): void {
    if (waitingFor.size > 0) return;
    this.#collections.delete(asker);
    this.#send(asker, { strom: 'all', round, counts });
  }
}

function nameOf({ asker, round }: Pick<Collection, 'asker' | 'round'>): string {
  return `${asker}/${round}`;
}
