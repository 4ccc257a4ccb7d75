/**
 * Runs tasks: those made here, and those that wait in the store because their process stopped or had
 * too much to do.
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { nextTurn } from '../base/next-turn.ts';
import { shuttingDown } from '../base/shutting-down.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import { decodeStoredCall, encodeStoredCall } from './stored-call.ts';
import { attemptsSinceAdvance } from './task-advance.ts';
import { CANCELLED_END, encodeTaskEnd } from './task-end.ts';
import { encodeTaskEvent } from './task-event.ts';
import { newTaskId } from './task-id.ts';
import { taskFacts } from './task-object.ts';
import { interrupted, TaskRun } from './task-run.ts';
import type { Claim, Lease, NewTask, StoredTask, TaskEnd, TaskStore, Texts } from './task-store.ts';

/** How the tasks of one kind behave. */
export interface TaskSettings {
  /** Another process may go on with a task whose process has stopped. */
  readonly isResumable: boolean;
  /** Attempts in a row after which a task fails that ends its process without getting any further. */
  readonly maxAttempts: number;
  /** How long a task is kept from its creation on. */
  readonly ttlMs: number;
  /** How often clients are told to ask. */
  readonly pollIntervalMs: number;
}

/** Begins the work of a claimed task; what it says goes to `run`. */
export type TaskRunner = (request: OperationRequest, run: TaskRun) => Call;

export interface TaskEngineOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The kinds of work known here. */
  readonly kinds: () => readonly string[];
  readonly settingsOf: (kind: string) => TaskSettings | undefined;
  readonly run: TaskRunner;
  /** Whether the store keeps tasks beyond the end of this process. */
  readonly isDurable: boolean;
  /** For how long a task is held without a sign of life. */
  readonly leaseMs: number;
  /** Tasks that run in this process at once; others wait in the store. */
  readonly maxRunning: number;
  readonly maxPerOwner: number;
  readonly maxInAll: number;
}

/** Work to be done as a task. */
export interface TaskOrder {
  readonly kind: string;
  readonly request: OperationRequest;
  readonly settings: TaskSettings;
  /** What was done and answered before; default nothing. */
  readonly checkpoint?: Texts;
  readonly answers?: Texts;
  readonly idempotency?: { readonly key: string; readonly windowMs: number };
}

const PURGE_EVERY_MS = 60_000;
const PURGE_AT_ONCE = 100;
/** Looks for tasks whose lease has run out, in the time of one lease. */
const LOOKS = 2;

export class TaskEngine {
  readonly #options: TaskEngineOptions;
  readonly #lease: Lease;
  readonly #runs = new Set<TaskRun>();
  readonly #timers: Timer[] = [];
  readonly #onIdle: (() => void)[] = [];
  #stopHints: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isParking = false;

  constructor(options: TaskEngineOptions) {
    this.#options = options;
    const holder = newTaskId().slice(0, 8);
    this.#lease = { holder, durationMs: options.leaseMs };
  }

  get store(): TaskStore {
    return this.#options.store;
  }

  /** Goes on with what an earlier process has left in the store. */
  resume(): void {
    if (this.#options.isDurable) this.#start();
  }

  /** Looks for work from now on; once is enough. */
  #start(): void {
    if (this.#stopHints !== undefined || this.#isParking) return;
    const { store, clock, leaseMs } = this.#options;
    this.#stopHints = store.onClaimable(() => void this.#look());
    this.#timers.push(clock.every(leaseMs / LOOKS, () => void this.#look()));
    this.#timers.push(clock.every(PURGE_EVERY_MS, () => void this.#purge()));
    void this.#look();
  }

  /**
   * Makes a task and begins it, unless too many run here already: then it waits for its turn.
   *
   * @returns once it is durable; an older task where the idempotency key says so
   * @throws {StromError} `ERR_TASK_LIMIT`, `ERR_STORE`, `ERR_SHUTTING_DOWN`
   */
  async create(order: TaskOrder): Promise<StoredTask> {
    const created = await this.#create(order, this.#hasRoom());
    if (created.isNew && created.claim !== undefined) this.#begin(created.claim);
    return created.task;
  }

  /**
   * Makes a task of a call that runs already; whoever asked makes the run its view.
   *
   * @throws {StromError} as {@link TaskEngine.create}
   */
  async adopt(order: TaskOrder): Promise<TaskRun> {
    const created = await this.#create(order, true);
    if (created.isNew && created.claim !== undefined)
      return this.#open(created.claim, order.settings);
    throw new StromError('ERR_TASK_LIMIT', 'the same work is a task already');
  }

  /**
   * A task of this owner.
   *
   * @throws {StromError} `ERR_UNKNOWN_TASK`, the same for unknown, foreign and expired ones
   */
  async get(id: string, owner: string): Promise<StoredTask> {
    const task = await this.#options.store.get(id);
    const { expiresAtMs = Number.POSITIVE_INFINITY } = task ?? {};
    // Drivers of stores may cut a text at NUL, and find what was not asked for.
    const isIt = task?.id === id && task.owner === owner;
    if (isIt && expiresAtMs > this.#options.clock.now()) return task;
    throw publicError('ERR_UNKNOWN_TASK', 'Unknown task');
  }

  /** What a caller is given that takes tasks. */
  handle(task: StoredTask): Outcome {
    return { kind: 'task', task: taskFacts(task, this.pollIntervalMs(task)) };
  }

  /** Stops a task, wherever it runs. */
  async cancel(task: StoredTask): Promise<void> {
    const { store } = this.#options;
    await store.cancel(task.id, encodeTaskEvent({ kind: 'cancel' }));
    if (task.phase !== 'open') return;
    // Nobody may be there to heed it: a task that waits is ended here.
    const claim = await store.claim({ lease: this.#lease, kinds: [task.kind], id: task.id });
    if (claim !== undefined) await this.#finish(claim, CANCELLED_END);
  }

  /** What is left to say of a task's kind; the defaults of none that is known. */
  pollIntervalMs({ kind }: StoredTask): number {
    return this.#options.settingsOf(kind)?.pollIntervalMs ?? 1000;
  }

  /**
   * Begins nothing any more, and gives back what others can go on with; what they cannot runs until
   * its call is stopped.
   */
  park(): void {
    if (this.#isParking) return;
    this.#isParking = true;
    for (const run of [...this.#runs]) run.park();
    this.#stopHints?.();
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }

  /** Resolves when the store knows how every task that ran here has ended. */
  async settled(): Promise<void> {
    // What is claimed while the server leaves has to be given back before the store is closed.
    await this.#looking;
    if (this.#runs.size > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #hasRoom(): boolean {
    return this.#runs.size < this.#options.maxRunning;
  }

  async #create(order: TaskOrder, isClaimed: boolean) {
    if (this.#isParking) throw shuttingDown();
    this.#start();
    const { store, maxPerOwner, maxInAll } = this.#options;
    return store.create(this.#newTask(order), {
      maxPerOwner,
      maxInAll,
      ...(isClaimed && { lease: this.#lease }),
    });
  }

  #newTask(order: TaskOrder): NewTask {
    const { kind, request, settings, checkpoint = {}, answers = {}, idempotency } = order;
    const nowMs = this.#options.clock.now();
    return {
      id: newTaskId(),
      owner: request.principal.id,
      kind,
      request: encodeStoredCall(request),
      createdAtMs: nowMs,
      // Beyond it stores and clients lose count.
      expiresAtMs: Math.min(nowMs + settings.ttlMs, Number.MAX_SAFE_INTEGER),
      checkpoint,
      answers,
      ...(idempotency && {
        idempotency: { key: idempotency.key, notBeforeMs: nowMs - idempotency.windowMs },
      }),
    };
  }

  /** Claims what waits while there is room; once at a time. Never rejects. */
  #look(): Promise<void> {
    this.#looking ??= this.#claimAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #claimAll(): Promise<void> {
    try {
      while (!this.#isParking && this.#hasRoom()) {
        const kinds = this.#options.kinds();
        const claim = await this.#options.store.claim({ lease: this.#lease, kinds });
        if (claim === undefined) break;
        await this.#resume(claim);
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'tasks cannot be claimed');
    }
  }

  async #resume(claim: Claim): Promise<void> {
    const settings = this.#options.settingsOf(claim.task.kind);
    const nowMs = this.#options.clock.now();
    const end = settings === undefined ? undefined : endInstead(claim, settings, nowMs);
    if (settings === undefined || this.#isParking) {
      await this.#options.store.release(claim.task.id, claim.fence);
    } else if (end === undefined) this.#begin(claim);
    else await this.#finish(claim, end);
  }

  #begin(claim: Claim): void {
    const settings = this.#options.settingsOf(claim.task.kind);
    if (settings === undefined) return;
    const run = this.#open(claim, settings);
    run.begin(this.#options.run(decodeStoredCall(claim.task.request), run));
    // It was made while the server began to leave.
    if (this.#isParking) run.park();
  }

  #open(claim: Claim, settings: TaskSettings): TaskRun {
    const { store, clock, logger, leaseMs, isDurable } = this.#options;
    const run = new TaskRun(claim, {
      store,
      clock,
      logger,
      leaseMs,
      isResumable: settings.isResumable && isDurable,
      onEnd: () => this.#ended(run),
    });
    this.#runs.add(run);
    return run;
  }

  #ended(run: TaskRun): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) for (const settle of this.#onIdle.splice(0)) settle();
    if (!this.#isParking) void this.#look();
  }

  async #finish({ task, fence }: Claim, end: TaskEnd): Promise<void> {
    const last = encodeTaskEvent({ kind: 'ended', phase: end.phase });
    await this.#options.store.finish(task.id, fence, end, [last]);
  }

  /** Never rejects. */
  async #purge(): Promise<void> {
    try {
      while ((await this.#options.store.purge(PURGE_AT_ONCE)) === PURGE_AT_ONCE) {
        if (this.#isParking) return;
        await nextTurn();
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'expired tasks cannot be deleted');
    }
  }
}

/** How a claimed task ends that is not begun (again). */
function endInstead(claim: Claim, settings: TaskSettings, nowMs: number): TaskEnd | undefined {
  const { task } = claim;
  const { isResumable, maxAttempts } = settings;
  if (task.isCancelRequested) return CANCELLED_END;
  // Nobody can ask for it any more, and it may be deleted at any moment.
  if (task.expiresAtMs !== undefined && task.expiresAtMs <= nowMs) return CANCELLED_END;
  if (task.attempt <= 1) return undefined;
  if (!isResumable) return encodeTaskEnd({ kind: 'error', error: interrupted() });
  if (attemptsSinceAdvance(claim) <= maxAttempts) return undefined;
  return encodeTaskEnd({ kind: 'error', error: poisonous(maxAttempts) });
}

/** What a task ends with that ends every process that begins it. */
function poisonous(attempts: number): StromError {
  return publicError(
    'ERR_INTERRUPTED',
    `The task was begun ${attempts} times without getting any further, and its process stopped each time.`,
    { code: 'ERR_INTERRUPTED', retryable: false },
  );
}
