import { type JsonObject, toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { Outcome } from '../protocol/call-event.ts';
import { errorObject } from '../protocol/encode-error.ts';
import { PiecesBuilder } from '../protocol/json-pieces.ts';
import { jsonChars } from '../protocol/json-size.ts';
import { openedResult } from '../protocol/opened-result.ts';
import { RawJson } from '../protocol/raw-json.ts';
import type { JsonPieces, StoredTask, TaskEnd } from './task-store.ts';

/** Smaller results cost less to parse than to keep apart. */
const LARGE_CHARS = 256 * 1024;

interface StoredError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * How an outcome is kept: a result that tells of a failure is a result; only an error of the protocol
 * makes a task fail.
 */
export function encodeTaskEnd(outcome: Outcome): TaskEnd {
  if (outcome.kind === 'result') {
    return { phase: 'completed', end: resultPieces(outcome.result) };
  }
  const error =
    outcome.kind === 'error'
      ? outcome.error
      : new StromError('ERR_INTERNAL', `a task cannot end with ${outcome.kind}`);
  const stored = errorObject(error);
  return { phase: 'failed', message: stored.message, end: [toJson(stored)] };
}

/** A result without a JSON form makes the task fail, like any other defect of a handler. */
function resultPieces(result: JsonObject): JsonPieces {
  if (jsonChars(result, LARGE_CHARS) < LARGE_CHARS) return [toJson(result)];
  const pieces = new PiecesBuilder();
  pieces.add('{');
  pieces.addMembers(result);
  pieces.add('}');
  return pieces.done();
}

/** The result of a task that was completed; one that is large stays the text it is. */
export function storedResult(end: JsonPieces = []): JsonObject | RawJson {
  const [text = '{}', second] = end;
  return second === undefined ? (JSON.parse(text) as JsonObject) : new RawJson(end);
}

/** The error of a task that has failed. */
export function storedError(end: JsonPieces = []): StoredError {
  return JSON.parse([...end].join('')) as StoredError;
}

export const CANCELLED_END: TaskEnd = { phase: 'cancelled', end: [] };

/** The outcome of a call that waited for a task, large results opened; one that is gone was cancelled. */
export function outcomeOf(task: StoredTask | undefined): Outcome {
  if (task?.phase === 'completed') {
    const result = storedResult(task.end);
    return {
      kind: 'result',
      result: result instanceof RawJson ? openedResult(result.pieces) : result,
    };
  }
  if (task?.phase === 'failed') {
    const { code, message, data } = storedError(task.end);
    return { kind: 'error', error: new WireError(code, message, data) };
  }
  return { kind: 'error', error: new StromError('ERR_CANCELLED', 'the task was cancelled') };
}
