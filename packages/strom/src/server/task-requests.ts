/**
 * The requests of the tasks extension.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks/blob/main/specification/draft/tasks.mdx
 * @module
 */
import { isJsonObject, ownValue } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { publicError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { Question } from '../protocol/question.ts';
import { tasksRequired } from '../protocol/task.ts';
import { answersTo } from '../tasks/answers-to.ts';
import { detailedTask } from '../tasks/task-object.ts';
import type { StoredTask, Texts } from '../tasks/task-store.ts';
import { watchTask } from '../tasks/watch-task.ts';
import type { Core } from './core.ts';
import { isVisibleTo, requireScopes, type Scoped } from './require-scopes.ts';

const MAX_WATCHED = 100;
const ACKNOWLEDGED: Outcome = { kind: 'result', result: {} };

/** @throws {StromError} `ERR_INSUFFICIENT_SCOPE`: what a tool says is for those who may call it */
export async function getTask(core: Core, call: Call): Promise<Outcome> {
  const task = await usableTaskOf(core, call);
  const result = { ...detailedTask(task, core.tasks.pollIntervalMs(task)) };
  return { kind: 'result', result };
}

/** @throws {StromError} `ERR_INSUFFICIENT_SCOPE`, as {@link getTask} */
export async function updateTask(core: Core, call: Call): Promise<Outcome> {
  const task = await usableTaskOf(core, call);
  const responses = ownValue(call.request.params, 'inputResponses');
  if (!isJsonObject(responses)) {
    throw publicError('ERR_INVALID_PARAMS', 'inputResponses must be an object');
  }
  const answers = answersTo(questionsOf(task.questions), responses);
  if (answers.length > 0) await core.tasks.store.answer(task.id, answers);
  return ACKNOWLEDGED;
}

/** Whoever has begun something may stop it, whatever else they may no longer do. */
export async function cancelTask(core: Core, call: Call): Promise<Outcome> {
  await core.tasks.cancel(await taskOf(core, call));
  return ACKNOWLEDGED;
}

/** The questions of a task that wait for an answer. */
export function questionsOf(texts: Texts): Record<string, Question> {
  const questions = Object.entries(texts).map(
    ([key, text]) => [key, JSON.parse(text) as Question] as const,
  );
  return Object.fromEntries(questions);
}

/**
 * Those of the tasks a `subscriptions/listen` request names that are the caller's; `undefined` when
 * it names none.
 *
 * @throws {StromError} `ERR_INVALID_PARAMS`, `ERR_MISSING_CAPABILITY`
 */
export function watchedTasks(core: Core, call: Call): Promise<StoredTask[]> | undefined {
  const notifications = ownValue(call.request.params, 'notifications');
  const ids = isJsonObject(notifications) ? ownValue(notifications, 'taskIds') : undefined;
  if (ids === undefined) return undefined;
  if (!call.request.takesTasks) throw tasksRequired();
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw publicError('ERR_INVALID_PARAMS', 'taskIds must be a list of ids');
  }
  if (ids.length > MAX_WATCHED) {
    throw publicError('ERR_INVALID_PARAMS', `at most ${MAX_WATCHED} tasks per subscription`);
  }
  return tasksOf(core, call.request.principal, [...new Set<string>(ids)]);
}

async function tasksOf(
  core: Core,
  principal: Principal,
  ids: readonly string[],
): Promise<StoredTask[]> {
  const found = await Promise.allSettled(ids.map((id) => core.tasks.get(id, principal.id)));
  const own = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return own.filter((task) => isVisibleTo(toolOf(core, task), principal));
}

/** Tells a listening call what becomes of its tasks. */
export function watchTasks(core: Core, call: Call, tasks: readonly StoredTask[]): void {
  for (const task of tasks) {
    const pollIntervalMs = core.tasks.pollIntervalMs(task);
    const { store } = core.tasks;
    watchTask(task.id, call, { store, clock: core.clock, pollIntervalMs }).catch((error: unknown) =>
      core.logger.warn({ err: error }, 'a task cannot be watched any more'),
    );
  }
}

/** A caller may have come back with a token that is good for less than the one that began the task. */
async function usableTaskOf(core: Core, call: Call): Promise<StoredTask> {
  const task = await taskOf(core, call);
  requireScopes(toolOf(core, task), call.request.principal);
  return task;
}

/** The tool a task is a call of; one that was removed needs nothing any more. */
function toolOf(core: Core, { kind }: StoredTask): Scoped {
  return core.registry.tools.get(kind) ?? { scopes: undefined };
}

async function taskOf(core: Core, call: Call): Promise<StoredTask> {
  const { params, principal, takesTasks } = call.request;
  if (!takesTasks) throw tasksRequired();
  const id = ownValue(params, 'taskId');
  if (typeof id !== 'string') throw publicError('ERR_INVALID_PARAMS', 'taskId must be a string');
  return core.tasks.get(id, principal.id);
}
