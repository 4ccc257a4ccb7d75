/**
 * Calls of tools that may be tasks: which of the forms a caller gets.
 *
 * ```
 * takes tasks ─┬─ from the start ───────────────▶ a handle
 *              └─ after a while, or on request ─▶ a stream, then a handle
 * takes none ──┬─ required ─────────────────────▶ refused
 *              ├─ same work as before ──────────▶ a stream of the task that does it
 *              └─ else ─────────────────────────▶ a stream; rounds or a follow-up where allowed
 * ```
 *
 * @module
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Outcome } from '../protocol/call-event.ts';
import { metaOf } from '../protocol/request-meta.ts';
import { IDEMPOTENCY_KEY, tasksRequired } from '../protocol/task.ts';
import { answersTo } from '../tasks/answers-to.ts';
import type { TaskOrder } from '../tasks/task-engine.ts';
import type { Core } from './core.ts';
import { openWork, pastOf } from './open-context.ts';
import { Promotion } from './promotion.ts';
import type { RoundState } from './round-state.ts';
import { type PreparedCall, runTool } from './run-tool.ts';
import { questionsOf } from './task-requests.ts';
import type { CompiledTask } from './tool-task.ts';
import { waitForTask } from './wait-for-task.ts';

const MAX_KEY_CHARS = 200;

/**
 * Runs a call of a tool that may be a task.
 *
 * @throws {StromError} `ERR_MISSING_CAPABILITY`, `ERR_TASK_LIMIT`, and what the handler throws
 */
export async function callAsTask(
  core: Core,
  prepared: PreparedCall,
  task: CompiledTask,
): Promise<Outcome> {
  const { call } = prepared;
  const { takesTasks } = call.request;
  if (task.isRequired && !takesTasks) throw tasksRequired();
  const past = await pastOf(call, core.rounds);
  if (past?.taskId !== undefined) return rejoin(core, prepared, { task, past });
  const idempotency = await idempotencyOf(call, prepared.tool.name, task);
  const isDurable = idempotency !== undefined || (!takesTasks && task.fallback !== 'stream');
  const isTask = takesTasks && task.afterMs === 0;
  if (!isTask && !isDurable) return runPromotable(core, prepared, { task, past });
  const stored = await core.tasks.create({
    kind: prepared.tool.name,
    request: call.request,
    settings: task,
    ...(idempotency !== undefined && { idempotency }),
  });
  if (isTask) return core.tasks.handle(stored);
  return waitForTask(core, call, { task, stored, waits: 0 });
}

interface Work {
  readonly task: CompiledTask;
  readonly past: RoundState | undefined;
}

async function runPromotable(
  core: Core,
  prepared: PreparedCall,
  { task, past }: Work,
): Promise<Outcome> {
  const { call, tool } = prepared;
  let promotion: Promotion | undefined;
  const detach = (): Promise<void> => promotion?.promote() ?? Promise.resolve();
  const opened = openWork(call, core.rounds, { past, work: { attempt: 1, detach } });
  if (call.request.takesTasks) {
    promotion = new Promotion({ core, call, tool, task, interview: opened.interview });
    if (task.afterMs !== undefined) {
      const timer = core.clock.after(task.afterMs, () => void detach());
      call.onCleanup(() => timer.cancel());
    }
  }
  return { kind: 'result', result: await runTool(prepared, opened.context) };
}

/** A caller that has answered, or just asks on, in the next round of its call. */
async function rejoin(core: Core, { call }: PreparedCall, { task, past }: Work): Promise<Outcome> {
  const stored = await core.tasks.get(past?.taskId ?? '', call.request.principal.id);
  const answers = answersTo(questionsOf(stored.questions), call.request.inputResponses ?? {});
  if (answers.length > 0) await core.tasks.store.answer(stored.id, answers);
  return waitForTask(core, call, { task, stored, waits: past?.waits ?? 0 });
}

/** By which key a call is known as the same work as another; `undefined` when it is always new. */
async function idempotencyOf(
  call: Call,
  tool: string,
  task: CompiledTask,
): Promise<TaskOrder['idempotency']> {
  const { params } = call.request;
  const given = ownValue(metaOf(params), IDEMPOTENCY_KEY);
  if (given !== undefined) {
    if (typeof given !== 'string' || given === '' || given.length > MAX_KEY_CHARS) {
      const what = `_meta["${IDEMPOTENCY_KEY}"] must be a text of 1 to ${MAX_KEY_CHARS} characters`;
      throw publicError('ERR_INVALID_PARAMS', what);
    }
    return { key: await digest([tool, given]), windowMs: task.ttlMs };
  }
  if (task.attachWithinMs === undefined) return undefined;
  const key = await digest([tool, null, (params as JsonObject)['arguments'] ?? {}]);
  return { key, windowMs: task.attachWithinMs };
}

async function digest(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson(value));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
