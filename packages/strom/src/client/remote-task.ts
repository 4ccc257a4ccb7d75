/**
 * A task of the server, followed while somebody wants to know of it.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';
import { CallTimers } from './call-timers.ts';
import type { Connection } from './connection.ts';
import { orAborted } from './pause.ts';
import { cancelTask, getTask, updateTask } from './task-calls.ts';
import { TaskFeed } from './task-feed.ts';
import { TaskFollower } from './task-follower.ts';
import type {
  SavedTask,
  TaskAnswers,
  TaskHandle,
  TaskHandleOptions,
  TaskRequestOptions,
  TaskWaitOptions,
} from './task-handle.ts';
import { isOver, outcomeOf, type TaskSnapshot } from './task-snapshot.ts';

export interface RemoteTaskInit {
  readonly saved: SavedTask | undefined;
  readonly tool: string | undefined;
  readonly latest: TaskSnapshot | undefined;
  readonly options: TaskHandleOptions;
}

export class RemoteTask implements TaskHandle {
  readonly id: string | undefined;
  readonly tool: string | undefined;
  readonly #connection: Connection;
  readonly #feed: TaskFeed;
  readonly #answered: Set<string>;
  readonly #isAnswered: boolean;
  #readers = 0;
  #follower: TaskFollower | undefined;

  constructor(connection: Connection, { saved, tool, latest, options }: RemoteTaskInit) {
    this.#connection = connection;
    this.id = saved?.id;
    this.tool = tool;
    this.#feed = new TaskFeed(latest);
    this.#answered = new Set(saved?.answered);
    this.#isAnswered = options.questions !== 'manual';
  }

  /** Whether its end is known. */
  get isOver(): boolean {
    return this.#feed.isOver;
  }

  async *events(options: TaskWaitOptions = {}): AsyncGenerator<TaskSnapshot, void, undefined> {
    const timers = new CallTimers(this.#connection.clock, {
      ...this.#connection.limits(options),
      idleTimeoutMs: Infinity,
    });
    const leave = this.#join();
    try {
      for (let seen = 0; ; ) {
        const { number, snapshot } = await orAborted(this.#feed.next(seen), timers.signal);
        seen = number;
        yield snapshot;
        if (isOver(snapshot)) return;
      }
    } finally {
      leave();
      timers.close();
    }
  }

  async wait(options: TaskWaitOptions = {}): Promise<CallToolResult> {
    for await (const snapshot of this.events(options)) {
      if (isOver(snapshot)) return outcomeOf(snapshot);
    }
    throw new StromError('ERR_INTERNAL', 'a task ended without its end');
  }

  async status(options: TaskRequestOptions = {}): Promise<TaskSnapshot> {
    const known = this.#feed.latest;
    if (known !== undefined && isOver(known)) return known;
    const snapshot = await getTask(this.#connection, this.#required, options.signal);
    this.#feed.publish(snapshot);
    return snapshot;
  }

  async cancel(options: TaskRequestOptions = {}): Promise<void> {
    if (this.#feed.isOver) return;
    await cancelTask(this.#connection, this.#required, options.signal);
  }

  async answer(answers: TaskAnswers, options: TaskRequestOptions = {}): Promise<void> {
    const params = { taskId: this.#required, inputResponses: answers as JsonObject };
    await updateTask(this.#connection, params, options.signal);
    for (const key of Object.keys(answers)) this.#answered.add(key);
  }

  toJSON(): SavedTask | undefined {
    const { id, tool } = this;
    if (id === undefined) return undefined;
    return { id, ...(tool !== undefined && { tool }), answered: [...this.#answered] };
  }

  get #required(): string {
    if (this.id !== undefined) return this.id;
    throw new StromError('ERR_UNKNOWN_TASK', 'the call never became a task');
  }

  /** Has the task followed until as many have left as have joined. */
  #join(): () => void {
    this.#readers += 1;
    this.#feed.revive();
    if (!this.#feed.isOver && this.#follower?.isStopped !== false) this.#follower = this.#follow();
    return () => {
      this.#readers -= 1;
      if (this.#readers === 0) this.#follower?.stop();
    };
  }

  #follow(): TaskFollower {
    const follower = new TaskFollower(this.#connection, {
      id: this.#required,
      feed: this.#feed,
      answered: this.#answered,
      isAnswered: this.#isAnswered,
    });
    // Never rejects.
    void follower.run();
    return follower;
  }
}

/** @throws {TypeError} for a saved task that is none */
export function readSavedTask(saved: unknown): SavedTask {
  if (typeof saved === 'string' && saved !== '') return { id: saved };
  if (!isJsonObject(saved)) throw new TypeError('a saved task is an id or an object with one');
  const id = ownValue(saved, 'id');
  const tool = ownValue(saved, 'tool');
  const answered = ownValue(saved, 'answered') ?? [];
  if (typeof id !== 'string' || id === '') throw new TypeError('a saved task needs an id');
  if (!Array.isArray(answered) || answered.some((key) => typeof key !== 'string')) {
    throw new TypeError('the answered questions of a saved task are a list of keys');
  }
  return { id, ...(typeof tool === 'string' && { tool }), answered };
}
