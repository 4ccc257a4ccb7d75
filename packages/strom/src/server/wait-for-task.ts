/**
 * Callers that wait for a task on their own stream, and what they get when they should not wait any
 * longer.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import type { Call } from '../calls/call.ts';
import type { Outcome } from '../protocol/call-event.ts';
import { followTask } from '../tasks/follow-task.ts';
import type { StoredTask } from '../tasks/task-store.ts';
import type { Core } from './core.ts';
import { emptyRound } from './round-state.ts';
import { stillRunning } from './still-running.ts';
import { questionsOf } from './task-requests.ts';
import { type CompiledTask, MAX_WAITING_ROUNDS } from './tool-task.ts';

export interface Wait {
  readonly task: CompiledTask;
  readonly stored: StoredTask;
  /** Rounds of this call that only waited. */
  readonly waits: number;
}

/** Tells the caller what the task tells, until it has ended or the caller should do something else. */
export async function waitForTask(core: Core, call: Call, wait: Wait): Promise<Outcome> {
  const { store } = core.tasks;
  const patience = patienceFor(core.clock, patienceMs(call, wait));
  cancelWith(core, call, wait.stored);
  try {
    const end = await followTask(wait.stored, call, { store, patience: patience.signal });
    if (end.kind === 'asked') return nextRound(core, call, wait);
    if (end.kind === 'waited') return afterWaiting(core, call, wait);
    return end;
  } finally {
    patience.stop();
  }
}

/** `undefined` for a caller that waits to the end. */
function patienceMs(call: Call, { task, waits }: Wait): number | undefined {
  if (call.request.takesTasks) return task.afterMs;
  if (task.fallback === 'stream') return undefined;
  // Who can be asked during the call has a session, and a stream it can come back to.
  const canDoRounds = !call.asksLive && waits < MAX_WAITING_ROUNDS;
  return task.fallback === 'follow-up' || canDoRounds ? task.fallbackAfterMs : undefined;
}

function patienceFor(clock: Clock, ms: number | undefined): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = ms === undefined ? undefined : clock.after(ms, () => controller.abort());
  return { signal: controller.signal, stop: () => timer?.cancel() };
}

/** A caller that cancels means the work; one that is only gone may come back for it. */
function cancelWith(core: Core, call: Call, stored: StoredTask): void {
  call.onCleanup(() =>
    call.stopReason?.code === 'ERR_CANCELLED' ? core.tasks.cancel(stored) : undefined,
  );
}

async function afterWaiting(core: Core, call: Call, wait: Wait): Promise<Outcome> {
  if (call.request.takesTasks) return core.tasks.handle(wait.stored);
  if (wait.task.fallback === 'rounds') return nextRound(core, call, wait);
  return { kind: 'result', result: stillRunning(wait.stored.id) };
}

async function nextRound(core: Core, call: Call, { stored, waits }: Wait): Promise<Outcome> {
  const now = await core.tasks.get(stored.id, stored.owner);
  const questions = questionsOf(now.questions);
  const isWaiting = Object.keys(questions).length === 0;
  const state = { ...emptyRound(), taskId: stored.id, waits: isWaiting ? waits + 1 : waits };
  const requestState = await core.rounds.seal(call.request, state);
  return { kind: 'input_required', questions, requestState };
}
