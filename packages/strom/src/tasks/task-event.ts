/**
 * What the journal of a task holds.
 *
 * @module
 */
import { type JsonObject, toJson } from '../base/json.ts';
import type { LogEvent, ProgressEvent } from '../protocol/call-event.ts';
import type { Question } from '../protocol/question.ts';
import type { TaskPhase } from './task-store.ts';

export type TaskEvent =
  | ProgressEvent
  | LogEvent
  | { readonly kind: 'asked'; readonly key: string; readonly question: Question }
  | { readonly kind: 'answered'; readonly key: string; readonly answer: JsonObject }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'ended'; readonly phase: TaskPhase };

/** The text of an event; its kind stands first, so that readers can skip what they do not heed. */
export function encodeTaskEvent({ kind, ...rest }: TaskEvent): string {
  return toJson({ kind, ...rest });
}

export function decodeTaskEvent(text: string): TaskEvent {
  return JSON.parse(text) as TaskEvent;
}

/** Whether an event is for whoever works on the task, told without decoding it. */
export function isForWorker(text: string): boolean {
  return text.startsWith('{"kind":"answered"') || text.startsWith('{"kind":"cancel"');
}
