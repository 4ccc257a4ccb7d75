/**
 * The latest jobs, so that their Markdown can be offered as resources.
 *
 * Bounded: the oldest job is forgotten first. Its files stay.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { Manifest } from './manifest.ts';

const MAX_JOBS = 100;
const ID_BYTES = 12;

export class JobStore {
  readonly #jobs = new Map<string, Manifest>();

  /** A name nobody can guess: knowing it is what lets a client read the results. */
  createId(): string {
    return randomBytes(ID_BYTES).toString('hex');
  }

  add(manifest: Manifest): void {
    this.#jobs.set(manifest.job, manifest);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
  }

  get(id: string): Manifest | undefined {
    return this.#jobs.get(id);
  }

  /** Newest first. */
  list(): Manifest[] {
    return [...this.#jobs.values()].toReversed();
  }
}
