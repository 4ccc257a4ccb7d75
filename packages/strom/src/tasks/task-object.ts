/**
 * A task as the protocol shows it.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks/blob/main/specification/draft/tasks.mdx
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { type Question, questionRequest } from '../protocol/question.ts';
import type { DetailedTask, TaskFacts, TaskStatus } from '../protocol/task.ts';
import { storedError, storedResult } from './task-end.ts';
import type { StoredTask } from './task-store.ts';

function statusOf({ phase, questions }: StoredTask): TaskStatus {
  if (phase !== 'open') return phase;
  return Object.keys(questions).length > 0 ? 'input_required' : 'working';
}

/** What every form of a task says of it. */
export function taskFacts(task: StoredTask, pollIntervalMs: number): TaskFacts {
  const { id, message, createdAtMs, updatedAtMs, expiresAtMs } = task;
  return {
    taskId: id,
    status: statusOf(task),
    ...(message !== undefined && { statusMessage: message }),
    createdAt: new Date(createdAtMs).toISOString(),
    lastUpdatedAt: new Date(updatedAtMs).toISOString(),
    ttlMs: expiresAtMs === undefined ? null : expiresAtMs - createdAtMs,
    pollIntervalMs,
  };
}

/** The same with its questions, its result or its error: what `tasks/get` answers. */
export function detailedTask(task: StoredTask, pollIntervalMs: number): DetailedTask {
  const facts = taskFacts(task, pollIntervalMs);
  if (facts.status === 'input_required') return { ...facts, inputRequests: inputRequests(task) };
  if (facts.status === 'completed') return { ...facts, result: storedResult(task.end) };
  if (facts.status === 'failed') return { ...facts, error: { ...storedError(task.end) } };
  return facts;
}

function inputRequests({ questions }: StoredTask): JsonObject {
  const requests = Object.entries(questions).map(
    ([key, text]) => [key, questionRequest(JSON.parse(text) as Question)] as const,
  );
  return Object.fromEntries(requests);
}
