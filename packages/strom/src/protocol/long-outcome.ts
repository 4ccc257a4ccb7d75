/**
 * Large results, such as files. As one text such a result would be copied at every step to the
 * socket; here it stays where it is, and is encoded while it is sent.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { Outcome, ResultOutcome, TaskEvent } from './call-event.ts';
import { unescaped } from './json-escapes.ts';
import { type Pieces, PiecesBuilder } from './json-pieces.ts';
import { jsonChars } from './json-size.ts';
import { type EncodedOutcome, encodeOutcome, type MessageEncoder } from './message-encoder.ts';
import { RawJson } from './raw-json.ts';

/** Smaller ones cost less to copy than to send by themselves. */
const LONG_CHARS = 256 * 1024;

/** Stands in a message for the members of its result; no tool can know it. */
const MARK = `large-${Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join('-')}`;
const MARKED = `"${MARK}":0`;

/** The message that ends a call, whole or in pieces, and the outcome it tells of. */
export type LongOutcome =
  | (EncodedOutcome & { readonly pieces?: undefined })
  | { readonly pieces: Pieces; readonly outcome: Outcome };

/** Encodes an outcome so that there always is an answer, as {@link encodeOutcome} does; in pieces when it is large. */
export function encodeLongOutcome(encoder: MessageEncoder, outcome: Outcome): LongOutcome {
  if (outcome.kind !== 'result') return encodeOutcome(encoder, outcome);
  try {
    if (isLarge(outcome.result)) return { pieces: encodeLarge(encoder, outcome), outcome };
  } catch (error) {
    if (error instanceof StromError && error.code === 'ERR_RESULT_TOO_LARGE') {
      return encodeOutcome(encoder, { kind: 'error', error });
    }
    // It has no JSON form; the usual way makes an error of it.
  }
  return encodeOutcome(encoder, outcome);
}

/** What is frozen was compiled, and has its text already. */
function isLarge(result: JsonObject): boolean {
  return jsonChars(result, LONG_CHARS) >= LONG_CHARS && !Object.isFrozen(result);
}

/**
 * Encodes the notification of a task whose result was stored as a large text.
 *
 * @returns `undefined` for all others, and where the reader is not told of tasks
 */
export function encodeLongTask(encoder: MessageEncoder, event: TaskEvent): Pieces | undefined {
  const { result, ...facts } = event.task;
  if (!(result instanceof RawJson)) return undefined;
  const around = encoder.event({ kind: 'task', task: { ...facts, result: { [MARK]: 0 } } });
  if (around === undefined) return undefined;
  const [before = '', after = ''] = around.split(`{${MARKED}}`);
  const message = new PiecesBuilder();
  message.add(before);
  message.addPieces(result.pieces);
  message.add(after);
  return message.done();
}

function encodeLarge(encoder: MessageEncoder, outcome: ResultOutcome): Pieces {
  const message = new PiecesBuilder();
  const told = encoder.toldAs(outcome.result);
  if (told.lines !== undefined) {
    for (const line of told.lines) {
      if (typeof line === 'string') message.add(line);
      else message.addPieces(unescaped(line.pieces));
      message.add('\n');
    }
    return message.done();
  }
  const { _meta, ...members } = told.result;
  const standIn = { ...(_meta !== undefined && { _meta }), [MARK]: 0 };
  const [before = '', after = ''] = encoder.outcome({ ...outcome, result: standIn }).split(MARKED);
  message.add(before);
  message.addMembers(members);
  message.add(after);
  return message.done();
}
