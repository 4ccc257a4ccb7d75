/**
 * A call that waits for a task and tells its caller what the task tells: the same work seen through
 * one more stream.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { Question } from '../protocol/question.ts';
import { answersTo } from './answers-to.ts';
import { outcomeOf } from './task-end.ts';
import { decodeTaskEvent, type TaskEvent } from './task-event.ts';
import type { StoredTask, TaskStore } from './task-store.ts';

/** Why a caller was left before its task had ended. */
export type Interruption = { readonly kind: 'asked' } | { readonly kind: 'waited' };

export interface FollowOptions {
  readonly store: TaskStore;
  /** Aborted when the caller should not wait any longer; never otherwise. */
  readonly patience: AbortSignal;
}

/**
 * Tells `call` what happens in a task, from its first event on.
 *
 * @returns the outcome of the task; an interruption when the caller has to answer a question and
 * cannot be asked meanwhile, or has waited long enough
 */
export async function followTask(
  task: StoredTask,
  call: Call,
  { store, patience }: FollowOptions,
): Promise<Outcome | Interruption> {
  const following = { store, call, task };
  const signal = AbortSignal.any([patience, call.signal]);
  for await (const events of store.tail(task.id, 0, signal)) {
    for (const { text } of events) {
      const end = await heed(following, decodeTaskEvent(text));
      if (end !== undefined) return end;
    }
  }
  if (patience.aborted) return { kind: 'waited' };
  throw new StromError('ERR_UNKNOWN_TASK', 'the task was deleted while a caller waited for it');
}

interface Following {
  readonly store: TaskStore;
  readonly call: Call;
  readonly task: StoredTask;
}

/** @returns how the following ends, if it does with this event */
async function heed(
  following: Following,
  event: TaskEvent,
): Promise<Outcome | Interruption | undefined> {
  const { store, call, task } = following;
  if (event.kind === 'ended') return outcomeOf(await store.get(task.id));
  if (event.kind !== 'asked') {
    await tell(call, event);
    return undefined;
  }
  if (!(await isOpen(store, task.id, event.key))) return undefined;
  if (!call.asksLive) return { kind: 'asked' };
  void askAndAnswer(following, event);
  return undefined;
}

function tell(call: Call, event: TaskEvent): Promise<void> | undefined {
  if (event.kind === 'progress') return call.progress(event.progress, event.total, event.message);
  return event.kind === 'log' ? call.log(event) : undefined;
}

async function isOpen(store: TaskStore, id: string, key: string): Promise<boolean> {
  return Object.hasOwn((await store.get(id))?.questions ?? {}, key);
}

/** Asks a caller that can be asked meanwhile. Never rejects: the task waits on, for another caller. */
async function askAndAnswer(
  { store, call, task }: Following,
  { key, question }: { readonly key: string; readonly question: Question },
): Promise<void> {
  try {
    const answer = await call.ask(question, key);
    await store.answer(task.id, answersTo({ [key]: question }, { [key]: answer }));
  } catch {
    // The caller has gone, or answered something else.
  }
}
