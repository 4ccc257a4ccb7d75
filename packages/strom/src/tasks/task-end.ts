import { type JsonObject, toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { Outcome } from '../protocol/call-event.ts';
import { errorObject } from '../protocol/encode-error.ts';
import { PiecesBuilder } from '../protocol/json-pieces.ts';
import { jsonChars } from '../protocol/json-size.ts';
import { RawJson } from '../protocol/raw-json.ts';
import type { TaskEnd } from './task-store.ts';

/** Smaller results cost less to parse than to keep apart. */
const LARGE_CHARS = 256 * 1024;
const RESULT_BEGINS = '{"result":';

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
    return { phase: 'completed', end: resultText(outcome.result) };
  }
  const error =
    outcome.kind === 'error'
      ? outcome.error
      : new StromError('ERR_INTERNAL', `a task cannot end with ${outcome.kind}`);
  const stored = errorObject(error);
  return { phase: 'failed', message: stored.message, end: toJson({ error: stored }) };
}

/** A result without a JSON form makes the task fail, like any other defect of a handler. */
function resultText(result: JsonObject): string {
  if (jsonChars(result, LARGE_CHARS) < LARGE_CHARS) return toJson({ result });
  const text = new PiecesBuilder();
  text.add(RESULT_BEGINS);
  text.add('{');
  text.addMembers(result);
  text.add('}}');
  return [...text.done()].join('');
}

/** The result of a task that was completed; one that is large stays the text it is. */
export function storedResult(end: string | undefined): JsonObject | RawJson {
  if (end !== undefined && end.length >= LARGE_CHARS && end.startsWith(RESULT_BEGINS)) {
    return new RawJson(end.slice(RESULT_BEGINS.length, -1));
  }
  return decodeTaskEnd(end).result ?? {};
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
