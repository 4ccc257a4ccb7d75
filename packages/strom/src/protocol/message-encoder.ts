/**
 * Turns what a call says into message texts for one reader; framing comes later.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { asStromError, type StromError } from '../base/strom-error.ts';
import type { CallEvent, Outcome } from './call-event.ts';
import { MAX_OUTCOME_CHARS, tooLarge } from './json-pieces.ts';
import type { RawJson } from './raw-json.ts';
import type { Envelope, Revision, ServerIdentity } from './revision.ts';

/**
 * What a reader is told of a result: an object in JSON, or lines of text as they are; those that are JSON
 * strings without their quotes and escapes.
 */
export type ToldResult =
  | { readonly result: JsonObject; readonly lines?: undefined }
  | { readonly lines: readonly (string | RawJson)[] };

export interface MessageEncoder {
  /** Whether chunks have a message of their own. */
  readonly carriesChunks: boolean;
  /** The message of an event; `undefined` when the reader cannot be told. */
  event(event: CallEvent): string | undefined;
  /** The message that ends the call. */
  outcome(outcome: Outcome): string;
  /** What the message that ends the call has of a result. */
  toldAs(result: JsonObject): ToldResult;
}

/** Messages of one request in the words of one protocol revision. */
export function mcpEncoder(
  revision: Revision,
  envelope: Envelope,
  server: ServerIdentity,
): MessageEncoder {
  return new McpEncoder(revision, envelope, server);
}

/** A class, because there is one for every call: closures would take four times its memory. */
class McpEncoder implements MessageEncoder {
  readonly #revision: Revision;
  readonly #envelope: Envelope;
  readonly #server: ServerIdentity;

  constructor(revision: Revision, envelope: Envelope, server: ServerIdentity) {
    this.#revision = revision;
    this.#envelope = envelope;
    this.#server = server;
  }

  get carriesChunks(): boolean {
    return false;
  }

  event(event: CallEvent): string | undefined {
    return this.#revision.encodeEvent(event, this.#envelope);
  }

  outcome(outcome: Outcome): string {
    return this.#revision.encodeOutcome(outcome, this.#envelope, this.#server);
  }

  toldAs(result: JsonObject): ToldResult {
    return { result: this.#revision.adaptResult(this.#envelope.operation, result) };
  }
}

/** The message that ends a call, and the outcome it tells of. */
export interface EncodedOutcome {
  readonly text: string;
  readonly outcome: Outcome;
}

/**
 * Encodes an outcome so that there always is an answer: a result that has no JSON form, or is too
 * large, becomes an error, and the call one that failed.
 */
export function encodeOutcome(encoder: MessageEncoder, outcome: Outcome): EncodedOutcome {
  let error: StromError;
  try {
    const text = encoder.outcome(outcome);
    if (text.length <= MAX_OUTCOME_CHARS) return { text, outcome };
    error = tooLarge();
  } catch (cause) {
    error = asStromError(cause, 'a result could not be encoded');
  }
  const failed = { kind: 'error', error } as const;
  return { text: encoder.outcome(failed), outcome: failed };
}
