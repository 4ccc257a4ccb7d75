/**
 * A call that goes on without anybody waiting for it.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks
 * @module
 */
import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';
import type { TaskSnapshot } from './task-snapshot.ts';

/**
 * A task written down, as JSON, to be taken up again by another client of the same server and the
 * same user.
 *
 * > [!WARNING]
 * > Some servers let in whoever knows the id. Keep it like a password.
 */
export interface SavedTask {
  readonly id: string;
  /** The tool that was called. */
  readonly tool?: string;
  /** Keys of questions that have been answered and are not to be asked again. */
  readonly answered?: readonly string[];
}

export interface TaskHandleOptions {
  /**
   * Who answers the questions of the task: the handlers of the connection while somebody waits or
   * iterates (default), or only {@link TaskHandle.answer}.
   */
  questions?: 'handlers' | 'manual';
}

/** Options of one request about a task. */
export interface TaskRequestOptions {
  /** Ends the wait with `ERR_CANCELLED`; unlike with a call, the task goes on. */
  signal?: AbortSignal;
}

/** Options of a wait for a task. Unlike with a call, its end does not stop the task. */
export interface TaskWaitOptions extends TaskRequestOptions {
  /** Longest wait, in ms. Default: the connection's `totalTimeoutMs`; `Infinity` for no limit. */
  totalTimeoutMs?: number;
}

/** Answers by the keys of their questions, each in the form that answers to its method have. */
export type TaskAnswers = Readonly<Record<string, object>>;

/**
 * Made by {@link Client.task} and {@link Client.resumeTask}. It follows the task while somebody
 * waits or iterates, and asks nothing of the server otherwise.
 */
export interface TaskHandle {
  /**
   * Names the task on its server; `undefined` when there never was one, because the server answered
   * the call with its result.
   */
  readonly id: string | undefined;
  /** The tool that was called; `undefined` where only the id is known. */
  readonly tool: string | undefined;

  /**
   * The states of the task: the one it is in, then each newer one, and at last how it ended. A
   * reader who takes its time misses what was replaced meanwhile, and never the end. A connection
   * that breaks does not end this; leaving the loop does not stop the task.
   *
   * @throws {StromError} `ERR_UNKNOWN_TASK` when the server has forgotten it or never knew it;
   * `ERR_CANCELLED`, `ERR_TOTAL_TIMEOUT`, `ERR_CLOSED`, `ERR_NO_HANDLER`, `ERR_PROTOCOL`
   */
  events(options?: TaskWaitOptions): AsyncGenerator<TaskSnapshot, void, undefined>;

  /**
   * Waits for the result.
   *
   * @throws {WireError} what the task failed with
   * @throws {StromError} `ERR_CANCELLED` when the task was cancelled; else as {@link events}
   */
  wait(options?: TaskWaitOptions): Promise<CallToolResult>;

  /**
   * Asks the server how the task stands, once; what has ended is not asked for again.
   *
   * @throws {StromError} `ERR_UNKNOWN_TASK`
   */
  status(options?: TaskRequestOptions): Promise<TaskSnapshot>;

  /**
   * Asks the server to stop the task. It may still end in another way than `cancelled`: {@link wait}
   * tells. Does nothing when it is known to be over.
   *
   * @throws {StromError} `ERR_UNKNOWN_TASK`
   */
  cancel(options?: TaskRequestOptions): Promise<void>;

  /**
   * Answers questions of the task; those that are not open any more are ignored by the server.
   *
   * @throws {StromError} `ERR_UNKNOWN_TASK`
   * @example
   * const { questions } = await task.status();
   * const key = questions[0]?.key ?? '';
   * await task.answer({ [key]: { action: 'accept', content: { confirm: true } } });
   */
  answer(answers: TaskAnswers, options?: TaskRequestOptions): Promise<void>;

  /** What {@link Client.resumeTask} needs; `undefined` when there is no task. */
  toJSON(): SavedTask | undefined;
}
