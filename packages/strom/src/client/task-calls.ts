/**
 * The requests that concern one task.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks
 * @module
 */
import { RPC } from '../base/error-codes.ts';
import type { JsonObject } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { Connection } from './connection.ts';
import { httpStatusOf } from './http-error.ts';
import { readTask, type TaskSnapshot, taskIdOf } from './task-snapshot.ts';

/** The answers to these requests are at hand; a server that takes longer is asked again. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Asks how a task stands.
 *
 * @throws {StromError} `ERR_UNKNOWN_TASK`; `ERR_PROTOCOL` for an answer that tells of another task
 */
export async function getTask(
  connection: Connection,
  taskId: string,
  signal?: AbortSignal,
): Promise<TaskSnapshot> {
  const task = await send(connection, { method: 'tasks/get', params: { taskId } }, signal);
  if (taskIdOf(task) !== taskId) {
    throw new StromError('ERR_PROTOCOL', 'the server told of another task than the one asked for');
  }
  return readTask(task);
}

/** Delivers answers, by the keys of their questions. @throws {StromError} `ERR_UNKNOWN_TASK` */
export async function updateTask(
  connection: Connection,
  params: { readonly taskId: string; readonly inputResponses: JsonObject },
  signal?: AbortSignal,
): Promise<void> {
  await send(connection, { method: 'tasks/update', params: { ...params } }, signal);
}

/** Asks for a task to be stopped. @throws {StromError} `ERR_UNKNOWN_TASK` */
export async function cancelTask(
  connection: Connection,
  taskId: string,
  signal?: AbortSignal,
): Promise<void> {
  await send(connection, { method: 'tasks/cancel', params: { taskId } }, signal);
}

async function send(
  connection: Connection,
  request: { readonly method: string; readonly params: JsonObject },
  signal?: AbortSignal,
): Promise<JsonObject> {
  const limits = { idleTimeoutMs: ANSWER_TIMEOUT_MS, totalTimeoutMs: ANSWER_TIMEOUT_MS };
  try {
    const takesTask = request.method === 'tasks/get';
    return await connection.request(
      { ...request, takesTask },
      { ...limits, ...(signal && { signal }) },
    );
  } catch (cause) {
    if (!(cause instanceof WireError) || cause.code !== RPC.invalidParams) throw cause;
    const message = 'the server knows no such task; it may have expired';
    throw new StromError('ERR_UNKNOWN_TASK', message, { cause });
  }
}

const PASSING_CODES = new Set([
  'ERR_CONNECT',
  'ERR_PEER_GONE',
  'ERR_IDLE_TIMEOUT',
  'ERR_TOTAL_TIMEOUT',
]);
const PASSING_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * How a failure may be looked at: `absent` when nobody answered, `unwell` when the server said that
 * it could not, `final` when asking again would not help.
 */
export function natureOf(error: unknown): 'absent' | 'unwell' | 'final' {
  if (error instanceof WireError) return error.code === RPC.internalError ? 'unwell' : 'final';
  if (!(error instanceof StromError)) return 'final';
  const status = httpStatusOf(error);
  if (status !== undefined) return PASSING_STATUSES.has(status) ? 'absent' : 'final';
  return PASSING_CODES.has(error.code) ? 'absent' : 'final';
}
