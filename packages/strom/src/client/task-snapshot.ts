/**
 * What a client knows of a task at one moment, read from whatever the server sent.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks
 * @module
 */
import { isJsonObject, type JsonObject, ownValue, textOr } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';
import { TASK_STATUSES, type TaskStatus } from '../protocol/task.ts';
import { type KeyedQuestion, readQuestions } from './input-required.ts';
import { toToolResult } from './tool-result.ts';

const DEFAULT_POLL_MS = 1_000;
const LEAST_POLL_MS = 50;
/** A server that names a longer interval is asked this often all the same. */
const MOST_POLL_MS = 300_000;

/** A task at one moment. Times are milliseconds since the epoch, by the clock of the server. */
export interface TaskSnapshot {
  readonly status: TaskStatus;
  /** What the server says of it, in its own words. */
  readonly message: string | undefined;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  /** When the server may forget the task; `undefined` for never, or not known. */
  readonly expiresAtMs: number | undefined;
  /** How often the server wants to be asked at most, in milliseconds. */
  readonly pollIntervalMs: number;
  /** What waits for an answer, while the status is `input_required`. */
  readonly questions: readonly KeyedQuestion[];
  /** There when the status is `completed`. */
  readonly result: CallToolResult | undefined;
  /** There when the status is `failed`. */
  readonly error: WireError | undefined;
}

/** Whether a result says that the work goes on as a task. */
export function isTaskResult(result: JsonObject): boolean {
  return ownValue(result, 'resultType') === 'task';
}

/** Whether a task has come to its end. */
export function isOver({ status }: TaskSnapshot): boolean {
  return status !== 'working' && status !== 'input_required';
}

/** What a call is that never was a task: over. */
export function completedSnapshot(result: JsonObject): TaskSnapshot {
  return {
    status: 'completed',
    message: undefined,
    createdAtMs: undefined,
    updatedAtMs: undefined,
    expiresAtMs: undefined,
    pollIntervalMs: DEFAULT_POLL_MS,
    questions: [],
    result: toToolResult(result),
    error: undefined,
  };
}

/**
 * The id of a task, in any of the messages that tell of one.
 *
 * @throws {StromError} `ERR_PROTOCOL` when there is none
 */
export function taskIdOf(task: JsonObject): string {
  const id = ownValue(task, 'taskId');
  if (typeof id === 'string' && id !== '') return id;
  throw broken('has no id');
}

/**
 * Reads a task, which comes in the same form as the answer to `tools/call`, to `tasks/get` and as a
 * notification.
 *
 * @throws {StromError} `ERR_PROTOCOL` when it is malformed or has a status that is none
 */
export function readTask(task: JsonObject): TaskSnapshot {
  const status = readStatus(task);
  const message = ownValue(task, 'statusMessage');
  const createdAtMs = readTime(task, 'createdAt');
  const ttlMs = ownValue(task, 'ttlMs');
  const canExpire = typeof ttlMs === 'number' && createdAtMs !== undefined;
  return {
    status,
    message: typeof message === 'string' ? message : undefined,
    createdAtMs,
    updatedAtMs: readTime(task, 'lastUpdatedAt'),
    expiresAtMs: canExpire ? createdAtMs + ttlMs : undefined,
    pollIntervalMs: readPollInterval(task),
    questions: status === 'input_required' ? readQuestions(ownValue(task, 'inputRequests')) : [],
    result: status === 'completed' ? readResult(task) : undefined,
    error: status === 'failed' ? readError(task) : undefined,
  };
}

/**
 * How a task ended.
 *
 * @throws {WireError} what it failed with
 * @throws {StromError} `ERR_CANCELLED` when it was cancelled
 */
export function outcomeOf({ result, error, message }: TaskSnapshot): CallToolResult {
  if (result !== undefined) return result;
  throw error ?? new StromError('ERR_CANCELLED', message ?? 'the task was cancelled');
}

function broken(problem: string): StromError {
  return new StromError('ERR_PROTOCOL', `a task of the server ${problem}`);
}

function readStatus(task: JsonObject): TaskStatus {
  const status = ownValue(task, 'status');
  const known = TASK_STATUSES.find((candidate) => candidate === status);
  if (known === undefined) throw broken('has an unknown status');
  return known;
}

function readTime(task: JsonObject, key: string): number | undefined {
  const text = ownValue(task, key);
  const timeMs = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function readPollInterval(task: JsonObject): number {
  const askedMs = ownValue(task, 'pollIntervalMs');
  if (typeof askedMs !== 'number' || !(askedMs > 0)) return DEFAULT_POLL_MS;
  return Math.min(MOST_POLL_MS, Math.max(LEAST_POLL_MS, askedMs));
}

function readResult(task: JsonObject): CallToolResult {
  const result = ownValue(task, 'result');
  if (!isJsonObject(result)) throw broken('is completed without a result');
  return toToolResult(result);
}

function readError(task: JsonObject): WireError {
  const error = ownValue(task, 'error');
  const code = isJsonObject(error) ? ownValue(error, 'code') : undefined;
  if (!isJsonObject(error) || typeof code !== 'number') throw broken('failed without an error');
  return new WireError(code, textOr(ownValue(error, 'message'), ''), ownValue(error, 'data'));
}
