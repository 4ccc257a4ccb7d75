/**
 * A call of a tool from its start to its result, whether it stays a call or becomes a task.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import { StromError } from '../base/strom-error.ts';
import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';
import { IDEMPOTENCY_KEY } from '../protocol/task.ts';
import type { CallNotice, ProgressUpdate } from './call-notice.ts';
import type { StreamOptions } from './client-options.ts';
import type { Connection } from './connection.ts';
import { RemoteTask } from './remote-task.ts';
import type { CallRun } from './run-call.ts';
import type { ToolNotice } from './stream-event.ts';
import type { TaskHandle, TaskHandleOptions, TaskWaitOptions } from './task-handle.ts';
import {
  completedSnapshot,
  isOver,
  isTaskResult,
  outcomeOf,
  readTask,
  type TaskSnapshot,
  taskIdOf,
} from './task-snapshot.ts';

const MAX_KEY_CHARS = 200;

export interface ToolCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly logLevel: LogLevel | undefined;
}

/** Sends a call; what comes back may be a task. */
export function sendCall(connection: Connection, call: ToolCall, options: StreamOptions): CallRun {
  const { name, args, logLevel } = call;
  const { onMessage, idempotencyKey } = options;
  const params = { name, arguments: args, ...metaFor(idempotencyKey) };
  const { takesTasks: takesTask } = connection;
  return connection.run({ method: 'tools/call', params, logLevel, onMessage, takesTask }, options);
}

function metaFor(key: string | undefined): { _meta?: JsonObject } {
  if (key === undefined) return {};
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_CHARS) {
    throw new TypeError(`an idempotency key is a text of 1 to ${MAX_KEY_CHARS} characters`);
  }
  return { _meta: { [IDEMPOTENCY_KEY]: key } };
}

/** The handle for what a call was answered with: a task, or its result. */
export function toHandle(
  connection: Connection,
  answer: { readonly tool: string; readonly result: JsonObject },
  options: TaskHandleOptions = {},
): RemoteTask {
  const { tool, result } = answer;
  if (!isTaskResult(result)) {
    const latest = completedSnapshot(result);
    return new RemoteTask(connection, { saved: undefined, tool, latest, options });
  }
  if (connection.server.era !== 'stateless') {
    throw new StromError('ERR_PROTOCOL', 'a session answered with a task of another revision');
  }
  const saved = { id: taskIdOf(result) };
  return new RemoteTask(connection, { saved, tool, latest: seedOf(result), options });
}

/** What the first message tells of a task; of any later state it would tell only half. */
function seedOf(task: JsonObject): TaskSnapshot | undefined {
  return task['status'] === 'working' ? readTask(task) : undefined;
}

/** Everything a call of a tool says, and at last its result. */
export type ToolRun = AsyncGenerator<ToolNotice, JsonObject, undefined>;

/**
 * Runs a call to its result and hides that it may be a task. Ending the iteration cancels the call
 * or the task.
 */
export async function* runTool(
  connection: Connection,
  call: ToolCall,
  options: StreamOptions,
): ToolRun {
  const startedMs = connection.clock.now();
  const run = sendCall(connection, call, options);
  let progress: ProgressUpdate | undefined;
  let result: JsonObject;
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) {
        result = step.value;
        break;
      }
      if (step.value.kind === 'progress') progress = step.value;
      yield step.value;
    }
  } finally {
    await run.return({});
  }
  if (!isTaskResult(result)) return result;
  const task = toHandle(connection, { tool: call.name, result });
  const spentMs = connection.clock.now() - startedMs;
  const { totalTimeoutMs } = connection.limits(options);
  const limits = {
    totalTimeoutMs: Math.max(1, totalTimeoutMs - spentMs),
    ...(options.signal && { signal: options.signal }),
  };
  let isLost = false;
  try {
    yield { kind: 'task', task };
    return yield* tellTask(task, limits, progress);
  } catch (error) {
    isLost = error instanceof StromError && error.code === 'ERR_UNKNOWN_TASK';
    throw error;
  } finally {
    // A closed client leaves its tasks alone: they outlive connections, that is what they are for.
    const isLeft = !isLost && !task.isOver && !connection.ended.aborted;
    if (isLeft) connection.tell({ method: 'tasks/cancel', params: { taskId: task.id } });
  }
}

/**
 * Follows a task to its result in the words of a call. Ending the iteration leaves the task alone.
 *
 * @param begun - how far the call was when it became a task
 * @throws the same errors as {@link TaskHandle.wait}
 */
export async function* tellTask(
  task: TaskHandle,
  options: TaskWaitOptions,
  begun?: ProgressUpdate,
): AsyncGenerator<CallNotice, CallToolResult, undefined> {
  const teller = new Teller(begun);
  for await (const snapshot of task.events(options)) {
    if (isOver(snapshot)) return outcomeOf(snapshot);
    yield* teller.news(snapshot);
  }
  throw new StromError('ERR_INTERNAL', 'a task ended without its end');
}

/** Tells the states of a task in the way calls speak. */
class Teller {
  #progress: ProgressUpdate;
  readonly #asked = new Set<string>();

  constructor(progress: ProgressUpdate | undefined) {
    this.#progress = progress ?? { progress: 0, total: undefined, message: undefined };
  }

  *news({ message, questions }: TaskSnapshot): Generator<CallNotice, void, undefined> {
    if (message !== undefined && message !== this.#progress.message) {
      // A task says how it is in words only, so the figures stay where they were.
      this.#progress = { ...this.#progress, message };
      yield { kind: 'progress', ...this.#progress };
    }
    for (const { key, method, params } of questions) {
      if (this.#asked.has(key)) continue;
      this.#asked.add(key);
      yield { kind: 'question', method, params };
    }
  }
}
