/**
 * One attempt at a task in this process: what the handler says goes to the store, what the client
 * does with the task comes from there.
 *
 * ```
 * handler ─▶ Call ─▶ TaskRun ─▶ writer ─▶ store        (events, checkpoints, questions, the end)
 *              ▲        ▲
 *              └────────┴─── journal of the task ◀── tasks/cancel, tasks/update, from any process
 * ```
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import { type JsonObject, toJson } from '../base/json.ts';
import type { Logger } from '../base/logger.ts';
import { shuttingDown } from '../base/shutting-down.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { CallView } from '../calls/call-view.ts';
import type { CallEvent, Outcome, ProgressEvent } from '../protocol/call-event.ts';
import type { Question } from '../protocol/question.ts';
import { advanceMark } from './task-advance.ts';
import { CANCELLED_END, encodeTaskEnd } from './task-end.ts';
import { decodeTaskEvent, encodeTaskEvent, isForWorker } from './task-event.ts';
import type { Claim, TaskEnd, TaskStore } from './task-store.ts';
import { TaskWriter } from './task-writer.ts';

export interface TaskRunOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  /** Whether another process can go on with it. */
  readonly isResumable: boolean;
  /** Told once when this process has nothing to do with the task any more. */
  readonly onEnd: (run: TaskRun) => void;
}

interface Waiting {
  resolve(answer: JsonObject): void;
  reject(error: StromError): void;
}

/** Heartbeats in the time of one lease. */
const BEATS = 3;

export class TaskRun implements CallView {
  readonly carriesChunks = false;
  readonly keepsAnswers = true;
  readonly claim: Claim;
  readonly #options: TaskRunOptions;
  readonly #writer: TaskWriter;
  readonly #answers = new Map<string, JsonObject>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #stopListening = new AbortController();
  readonly #heartbeat: Timer;
  #call: Call | undefined;
  #hasAdvanced = false;
  #isEnding = false;
  #isClosed = false;

  constructor(claim: Claim, options: TaskRunOptions) {
    const { store, clock, leaseMs } = options;
    const { id } = claim.task;
    this.claim = claim;
    this.#options = options;
    this.#writer = new TaskWriter({
      store,
      clock,
      id,
      fence: claim.fence,
      onLost: (error) => this.#lost(error),
    });
    for (const [key, text] of Object.entries(claim.answers)) {
      this.#answers.set(key, JSON.parse(text) as JsonObject);
    }
    this.#heartbeat = clock.every(leaseMs / BEATS, () => void this.#beat());
  }

  get id(): string {
    return this.claim.task.id;
  }

  /** Stops the work and gives the task back, where another process can go on with it. */
  park(): void {
    if (!this.#options.isResumable) return;
    this.#call?.abandon(shuttingDown());
  }

  /** Gives the run the call it is the view of. */
  begin(call: Call): void {
    this.#call = call;
    if (this.#isEnding) return;
    if (this.claim.task.isCancelRequested) this.#cancel();
    else void this.#listen();
  }

  send(event: CallEvent): Promise<void> | undefined {
    if (event.kind === 'progress') return this.#writer.say(event, messageOf(event));
    return event.kind === 'log' ? this.#writer.say(event) : undefined;
  }

  flush(): void {
    // What is said is written at the end of the turn; there is no connection to hand it to.
  }

  /** Keeps a value beyond a crash. */
  remember(name: string, text: string): Promise<void> {
    const isAdvance = !this.#hasAdvanced && !Object.hasOwn(this.claim.checkpoint, name);
    if (isAdvance) this.#hasAdvanced = true;
    const mark = isAdvance ? advanceMark(this.claim) : {};
    return this.#writer.change({ checkpoint: { ...mark, [name]: text } });
  }

  /**
   * Asks the client, who answers by `tasks/update`.
   *
   * @throws {StromError} `ERR_REPLAY_DIVERGED` when the key stood for another question in an earlier
   * attempt
   */
  async ask(question: Question, key: string): Promise<JsonObject> {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    if (this.#waiting.has(key)) throw new TypeError(`the question "${key}" is asked twice`);
    const answered = new Promise<JsonObject>((resolve, reject) => {
      this.#waiting.set(key, { resolve, reject });
    });
    // The task may end before the question is written and the answer awaited.
    answered.catch(() => undefined);
    await this.#pose(question, key);
    return answered;
  }

  finish(outcome: Outcome): StromError | undefined {
    if (outcome.kind === 'error' && isShutdown(outcome.error)) {
      this.abandon(outcome.error);
      return undefined;
    }
    const { end, failure } = endOf(outcome);
    void this.#end(end);
    return failure;
  }

  abandon(reason: StromError): void {
    if (reason.code === 'ERR_TASK_FENCED') this.#close();
    else if (reason.code !== 'ERR_SHUTTING_DOWN') void this.#end(CANCELLED_END);
    else if (this.#options.isResumable) void this.#release();
    else void this.#end(encodeTaskEnd({ kind: 'error', error: interrupted() }));
  }

  async #pose(question: Question, key: string): Promise<void> {
    const text = toJson(question);
    const before = this.claim.task.questions[key];
    if (before === undefined) {
      const event = { kind: 'asked', key, question } as const;
      await this.#writer.change({ questions: { [key]: text } }, [event]);
    } else if (before !== text) {
      throw publicError('ERR_REPLAY_DIVERGED', `The handler asked "${key}" in other words`);
    }
  }

  /** Hears what others do with the task. Never rejects. */
  async #listen(): Promise<void> {
    const { store, logger } = this.#options;
    const { id, seq } = this.claim.task;
    try {
      for await (const events of store.tail(id, seq, this.#stopListening.signal)) {
        for (const { text } of events) if (isForWorker(text)) this.#heed(text);
      }
    } catch (error) {
      logger.warn({ err: error }, 'a task cannot hear its client any more');
    }
  }

  #heed(text: string): void {
    const event = decodeTaskEvent(text);
    if (event.kind === 'cancel') this.#cancel();
    else if (event.kind === 'answered') {
      this.#answers.set(event.key, event.answer);
      this.#waiting.get(event.key)?.resolve(event.answer);
      this.#waiting.delete(event.key);
    }
  }

  #cancel(): void {
    this.#call?.abandon(publicError('ERR_CANCELLED', 'The task was cancelled.'));
  }

  async #beat(): Promise<void> {
    const { store, leaseMs, logger } = this.#options;
    try {
      await store.heartbeat(this.id, this.claim.fence, leaseMs);
    } catch (error) {
      if (isFenced(error)) this.#writer.lose(error);
      else logger.warn({ err: error }, 'a task could not be held');
    }
  }

  #lost(error: StromError): void {
    this.#options.logger.warn({ code: error.code }, 'a task was taken over or cannot be written');
    this.#call?.abandon(
      new StromError('ERR_TASK_FENCED', 'the task goes on elsewhere', { cause: error }),
    );
    this.#close();
  }

  /** Never rejects. */
  async #end(end: TaskEnd): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { store, logger } = this.#options;
    const last = encodeTaskEvent({ kind: 'ended', phase: end.phase });
    try {
      await this.#writer.drained();
      await store.finish(this.id, this.claim.fence, end, [last]);
    } catch (error) {
      // The lease runs out, and whoever claims the task then ends it.
      logger.error({ err: error }, 'the end of a task could not be written');
    }
    this.#close();
  }

  /** Never rejects. */
  async #release(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    try {
      await this.#writer.drained();
      await this.#options.store.release(this.id, this.claim.fence);
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a task could not be given back');
    }
    this.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isEnding = true;
    this.#heartbeat.cancel();
    this.#stopListening.abort();
    for (const { reject } of this.#waiting.values()) {
      reject(publicError('ERR_CANCELLED', 'The task ended before the answer.'));
    }
    this.#waiting.clear();
    this.#options.onEnd(this);
  }
}

function messageOf({ progress, total, message }: ProgressEvent): string {
  if (message !== undefined) return message;
  return total === undefined ? `${progress}` : `${progress}/${total}`;
}

/** How a task ends; where its outcome could not be kept, that is what it ends with. */
function endOf(outcome: Outcome): { readonly end: TaskEnd; readonly failure?: StromError } {
  try {
    return { end: encodeTaskEnd(outcome) };
  } catch (error) {
    const failure = error as StromError;
    return { end: encodeTaskEnd({ kind: 'error', error: failure }), failure };
  }
}

/** What a task ends with whose process stopped and that nobody may go on with. */
export function interrupted(): StromError {
  return publicError(
    'ERR_INTERRUPTED',
    'The server stopped while the task ran, and its tool is not marked as resumable.',
    { code: 'ERR_INTERRUPTED', retryable: true },
  );
}

function isShutdown(error: unknown): error is StromError {
  return error instanceof StromError && error.code === 'ERR_SHUTTING_DOWN';
}

function isFenced(error: unknown): error is StromError {
  return error instanceof StromError && error.code === 'ERR_TASK_FENCED';
}
