/**
 * Keeps up with one task: listens where the server agrees to that, asks at its interval otherwise,
 * and goes on asking when the connection breaks.
 *
 * A listened-to task is asked for as well, right after the server has acknowledged (the state may
 * have changed before) and then now and then, because a dead connection is as silent as a long
 * piece of work.
 *
 * @module
 */
import type { Timer } from '../base/clock.ts';
import { type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { RpcNotification } from '../protocol/message.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { readListenStream } from './listen-stream.ts';
import { orAborted, pause } from './pause.ts';
import { getTask, natureOf } from './task-calls.ts';
import type { TaskFeed } from './task-feed.ts';
import { type QuestionedTask, TaskQuestions } from './task-questions.ts';
import { readTask, type TaskSnapshot } from './task-snapshot.ts';

/** How often a task is asked for although the server tells of it. */
const CHECK_MS = 30_000;
/** Streams that break this often in a row are given up; asking goes on. */
const MAX_STREAM_FAILURES = 5;
/** Answers in a row in which the server says that it is unwell. */
const MAX_UNWELL = 10;
/** Browsers open few connections to one host, and calls need some of them. */
const MAX_STREAMS = 4;

export interface FollowedTask extends QuestionedTask {
  readonly feed: TaskFeed;
  /** Whether the handlers of the connection answer its questions. */
  readonly isAnswered: boolean;
}

/** How many streams of each connection are used for tasks. */
const streamsInUse = new WeakMap<Connection, number>();

export class TaskFollower {
  readonly #connection: Connection;
  readonly #task: FollowedTask;
  readonly #questions: TaskQuestions | undefined;
  readonly #end = new AbortController();
  #isTold = false;
  #failures = 0;
  #isDue: boolean;
  #wake: () => void = () => undefined;

  constructor(connection: Connection, task: FollowedTask) {
    this.#connection = connection;
    this.#task = task;
    this.#isDue = task.feed.latest === undefined;
    this.#questions = task.isAnswered
      ? new TaskQuestions(connection, task, (error) => this.#fail(error))
      : undefined;
  }

  /** Follows the task until it is over, has failed or `stop` is called; never rejects. */
  async run(): Promise<void> {
    const { ended } = this.#connection;
    const signal = AbortSignal.any([this.#end.signal, ended]);
    const listening = this.#listen(signal);
    try {
      await this.#ask(signal);
    } catch (error) {
      if (ended.aborted) this.#fail(ended.reason);
      else if (!signal.aborted) this.#fail(error);
    } finally {
      this.stop();
      await listening;
    }
  }

  get isStopped(): boolean {
    return this.#end.signal.aborted;
  }

  stop(): void {
    this.#end.abort(new StromError('ERR_CLOSED', 'the task is no longer followed'));
  }

  #fail(error: unknown): void {
    this.#task.feed.fail(error);
    this.stop();
  }

  /** Asks whenever it is time to, until the task is over. */
  async #ask(signal: AbortSignal): Promise<void> {
    const { feed, id } = this.#task;
    if (feed.latest !== undefined) this.#questions?.heed(feed.latest, signal);
    let unwell = 0;
    while (!feed.isOver) {
      await this.#whenDue(signal);
      if (feed.isOver) return;
      try {
        this.#take(await getTask(this.#connection, id, signal), signal);
        this.#failures = 0;
        unwell = 0;
      } catch (error) {
        signal.throwIfAborted();
        const nature = natureOf(error);
        unwell += nature === 'unwell' ? 1 : 0;
        if (nature === 'final' || unwell > MAX_UNWELL) throw error;
        this.#failures += 1;
      }
    }
  }

  async #whenDue(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isDue) {
      let timer: Timer | undefined;
      const due = new Promise<void>((resolve) => {
        this.#wake = resolve;
        // Between two questions no connection need be open, and somebody waits for the task.
        timer = this.#connection.clock.after(this.#delayMs(), resolve, true);
      });
      await orAborted(due, signal).finally(() => timer?.cancel());
    }
    this.#isDue = false;
  }

  #delayMs(): number {
    if (this.#failures > 0) return backoffMs(this.#failures - 1);
    const askedMs = this.#task.feed.latest?.pollIntervalMs ?? 0;
    // Spread, so that tasks that began together do not ask together; never sooner than asked.
    const pollMs = askedMs * (1 + Math.random() / 5);
    return this.#isTold ? Math.max(pollMs, CHECK_MS) : pollMs;
  }

  #take(snapshot: TaskSnapshot, signal: AbortSignal): void {
    const { feed } = this.#task;
    feed.publish(snapshot);
    if (feed.isOver) this.#wake();
    else this.#questions?.heed(snapshot, signal);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const inUse = streamsInUse.get(this.#connection) ?? 0;
    if (inUse >= MAX_STREAMS) return;
    streamsInUse.set(this.#connection, inUse + 1);
    try {
      await this.#keepListening(signal);
    } catch {
      // The task is still asked for, and whatever is wrong shows there.
    } finally {
      streamsInUse.set(this.#connection, (streamsInUse.get(this.#connection) ?? 1) - 1);
    }
  }

  async #keepListening(signal: AbortSignal): Promise<void> {
    for (let failures = 0; failures < MAX_STREAM_FAILURES; failures += 1) {
      try {
        const isGranted = await this.#listenOnce(signal);
        if (!isGranted) return;
      } catch (error) {
        if (signal.aborted || error instanceof WireError) return;
      } finally {
        if (this.#isTold) {
          failures = 0;
          this.#isTold = false;
          this.#askNow();
        }
      }
      await pause(backoffMs(failures), this.#connection.clock, signal);
    }
  }

  /** Listens until the stream ends; returns whether the server agreed to tell of the task. */
  async #listenOnce(followed: AbortSignal): Promise<boolean> {
    const declined = new AbortController();
    const { id } = this.#task;
    const stream = {
      notifications: { taskIds: [id] },
      acknowledgeTimeoutMs: this.#connection.acknowledgeTimeoutMs,
      onAcknowledged: (granted: JsonObject) => {
        const ids = ownValue(granted, 'taskIds');
        if (!Array.isArray(ids) || !ids.includes(id)) return declined.abort();
        this.#isTold = true;
        this.#askNow();
      },
      onNotification: (notification: RpcNotification) => this.#hear(notification, followed),
    };
    const signal = AbortSignal.any([followed, declined.signal]);
    await readListenStream(this.#connection, stream, signal).catch((error: unknown) => {
      if (!declined.signal.aborted) throw error;
    });
    return !declined.signal.aborted;
  }

  #askNow(): void {
    this.#isDue = true;
    this.#wake();
  }

  #hear({ method, params }: RpcNotification, signal: AbortSignal): void {
    if (method !== 'notifications/tasks') return;
    if (ownValue(params, 'taskId') !== this.#task.id) {
      this.#connection.logger.warn({}, 'news of a foreign task were dropped');
      return;
    }
    try {
      this.#take(readTask(params), signal);
    } catch (error) {
      // What is wrong with it shows in the answer, if it is wrong there as well.
      this.#connection.logger.warn({ error }, 'malformed news of a task were dropped');
    }
  }
}
