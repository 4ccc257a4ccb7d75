import { type JsonObject, toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { Outcome } from '../protocol/call-event.ts';
import { errorObject } from '../protocol/encode-error.ts';
import type { TaskEnd } from './task-store.ts';

interface StoredEnd {
  readonly result?: JsonObject;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/**
 * How an outcome is kept: a result that tells of a failure is a result; only an error of the protocol
 * makes a task fail.
 */
export function encodeTaskEnd(outcome: Outcome): TaskEnd {
  if (outcome.kind === 'result') {
    return { phase: 'completed', end: endText({ result: outcome.result }) };
  }
  const error =
    outcome.kind === 'error'
      ? outcome.error
      : new StromError('ERR_INTERNAL', `a task cannot end with ${outcome.kind}`);
  const stored = errorObject(error);
  return { phase: 'failed', message: stored.message, end: toJson({ error: stored }) };
}

/** A result without a JSON form makes the task fail, like any other defect of a handler. */
function endText(end: StoredEnd): string {
  return toJson(end);
}

export const CANCELLED_END: TaskEnd = { phase: 'cancelled', end: '{}' };

/** What an ended task holds for those who ask. */
export function decodeTaskEnd(end: string | undefined): StoredEnd {
  return end === undefined ? {} : (JSON.parse(end) as StoredEnd);
}

/** The outcome of a call that waited for the task. */
export function outcomeOf(end: string | undefined): Outcome {
  const { result, error } = decodeTaskEnd(end);
  if (result !== undefined) return { kind: 'result', result };
  if (error !== undefined) {
    return { kind: 'error', error: new WireError(error.code, error.message, error.data) };
  }
  return { kind: 'error', error: new StromError('ERR_CANCELLED', 'the task was cancelled') };
}
