/**
 * The tasks extension in the words of the protocol.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks/blob/main/specification/draft/tasks.mdx
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { RawJson } from './raw-json.ts';
import type { ClientCapabilities } from './spec/2026-07-28.ts';

/** Under which name clients and servers declare the extension. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** The member of a request's `_meta` that names work which must not be done twice. */
export const IDEMPOTENCY_KEY = 'strom/idempotencyKey';

export const TASK_STATUSES = [
  'working',
  'input_required',
  'completed',
  'failed',
  'cancelled',
] as const;

export type TaskStatus = (typeof TASK_STATUSES)[number];

/** What every form of a task says of it. */
export interface TaskFacts {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** How long the task is kept from its creation on, in milliseconds; `null` for ever. */
  readonly ttlMs: number | null;
  /** How often a client should ask at most, in milliseconds. */
  readonly pollIntervalMs?: number;
}

/** A task with what its status brings: questions, a result, or an error. */
export interface DetailedTask extends TaskFacts {
  readonly inputRequests?: JsonObject;
  readonly result?: JsonObject | RawJson;
  readonly error?: JsonObject;
}

/** Whether a client that declares these capabilities can be given a task. */
export function takesTasks(capabilities: ClientCapabilities): boolean {
  const { extensions } = capabilities;
  return extensions !== undefined && Object.hasOwn(extensions, TASKS_EXTENSION);
}

/** What a client is told that would have to know tasks. */
export function tasksRequired(): StromError {
  return publicError('ERR_MISSING_CAPABILITY', 'The client lacks a capability: tasks', {
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}
