/**
 * The latest jobs, running ones included, so that a finished document can be
 * read before its job is done.
 *
 * Bounded: the oldest job is forgotten first. Its files stay.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { DocumentRecord } from './manifest.ts';

const MAX_JOBS = 100;
const ID_BYTES = 12;

/** One call that converts documents. */
export interface Job {
  /** A name nobody can guess. */
  readonly id: string;
  /** Who asked for it; nobody else is shown it. */
  readonly owner: string;
  /** How many documents it was asked for. */
  readonly total: number;
  /** What happened so far, in order. */
  readonly documents: DocumentRecord[];
  isRunning: boolean;
}

/** A name for a job that nobody can guess. */
export function newJobId(): string {
  return randomBytes(ID_BYTES).toString('hex');
}

export class JobStore {
  readonly #jobs = new Map<string, Job>();

  /**
   * Opens a job; forgets the oldest one if there are too many.
   *
   * @param id - the name of a job that another process has begun
   */
  open(owner: string, total: number, id = newJobId()): Job {
    const job: Job = { id, owner, total, documents: [], isRunning: true };
    this.#jobs.set(id, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    return job;
  }

  /** A job of this owner. */
  get(id: string, owner: string): Job | undefined {
    const job = this.#jobs.get(id);
    return job?.owner === owner ? job : undefined;
  }

  /** The jobs of this owner, newest first. */
  list(owner: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.owner === owner).toReversed();
  }
}
