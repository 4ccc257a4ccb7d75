import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import type { Store } from '../../server/store.ts';
import type { Claim, CreateOptions, NewTask } from '../../tasks/task-store.ts';

/** What a case wants of the store it is given. */
export interface StoreSetting {
  /** Time for leases and expiry; a case moves it forward. Its timers are real. */
  readonly clock: Clock;
  readonly maxEventsPerCall: number;
  readonly maxJournalBytesPerCall: number;
}

/** An empty store made for one case. */
export interface MadeStore {
  readonly store: Store;
  /**
   * Opens the same store once more, as another process would. Where it is absent, the cases about
   * several processes do nothing.
   */
  readonly again?: () => Store | Promise<Store>;
  /** Called after the case, with every store closed. */
  readonly cleanUp?: () => void | Promise<void>;
}

export type StoreMaker = (setting: StoreSetting) => MadeStore | Promise<MadeStore>;

/** Bodies by the sentence that names what they prove. */
export type StageCases = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** Small enough to be reached by a case. */
export const BOUNDS = { maxEventsPerCall: 2000, maxJournalBytesPerCall: 200_000 } as const;

export const LEASE = { holder: 'contract', durationMs: 60_000 } as const;

/** No limit that a case would reach. */
export const ROOM: CreateOptions = { maxPerOwner: 1000, maxInAll: 1000 };

/** A store, its clock, and how a case gets what it needs of them. */
export class Stage {
  readonly store: Store;
  readonly clock: Clock;
  readonly #made: MadeStore;
  readonly #others: Store[] = [];
  readonly #passed: { ms: number };
  #count = 0;

  private constructor(made: MadeStore, clock: Clock, passed: { ms: number }) {
    this.store = made.store;
    this.clock = clock;
    this.#made = made;
    this.#passed = passed;
  }

  static async open(make: StoreMaker): Promise<Stage> {
    const passed = { ms: 0 };
    const clock: Clock = { ...SYSTEM_CLOCK, now: () => SYSTEM_CLOCK.now() + passed.ms };
    return new Stage(await make({ clock, ...BOUNDS }), clock, passed);
  }

  /** Lets time pass for leases and expiry. */
  advance(ms: number): void {
    this.#passed.ms += ms;
  }

  /** The same store as another process has it; `undefined` where no other can. */
  async again(): Promise<Store | undefined> {
    const other = await this.#made.again?.();
    if (other !== undefined) this.#others.push(other);
    return other;
  }

  /** What makes a task; each has an id of its own. */
  newTask(facts: Partial<NewTask> = {}): NewTask {
    this.#count += 1;
    return {
      id: `task-${this.#count}`,
      owner: 'owner',
      kind: 'kind',
      request: '{"a":1}',
      createdAtMs: this.clock.now(),
      expiresAtMs: undefined,
      checkpoint: {},
      answers: {},
      ...facts,
    };
  }

  /** Makes a task and leaves it to whoever claims it. */
  async waiting(facts: Partial<NewTask> = {}): Promise<string> {
    const task = this.newTask(facts);
    await this.store.create(task, ROOM);
    return task.id;
  }

  /** Makes a task and claims it. */
  async claimed(facts: Partial<NewTask> = {}): Promise<{ id: string; claim: Claim }> {
    const task = this.newTask(facts);
    const created = await this.store.create(task, { ...ROOM, lease: LEASE });
    if (!created.isNew || created.claim === undefined)
      throw new Error('a new task was not claimed');
    return { id: task.id, claim: created.claim };
  }

  async close(): Promise<void> {
    for (const store of [...this.#others, this.store]) await store.close();
    await this.#made.cleanUp?.();
  }
}
