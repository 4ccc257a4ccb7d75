/**
 * What the four revisions with a handshake have in common. Each of them is a dialect: the
 * differences, and nothing else.
 *
 * @module
 */

import { RPC } from '../../base/error-codes.ts';
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { StromError } from '../../base/strom-error.ts';
import type { CallEvent, Outcome } from '../call-event.ts';
import { encodeErrorResponse } from '../encode-error.ts';
import { encodeChange, encodeLog, encodeProgress } from '../encode-event.ts';
import { encodeResultResponse, resultText } from '../encode-result.ts';
import type { Operation } from '../operation.ts';
import type { Envelope, Revision, ServerIdentity } from '../revision.ts';
import { onlyObjectStructure } from './object-structure.ts';

/** What sets one handshake revision apart from the others. */
export interface SessionDialect {
  readonly date: string;
  readonly hasBatches: boolean;
  readonly primesStreams: boolean;
  /** Progress notifications may carry a message (since 2025-03-26). */
  readonly hasProgressMessages: boolean;
  /** Rewrites parts of a result that clients of the revision would refuse. */
  readonly adaptResult?: (operation: Operation | undefined, result: JsonObject) => JsonObject;
}

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['initialize', 'describe'],
  ['tools/list', 'tools/list'],
  ['tools/call', 'tools/call'],
  ['resources/list', 'resources/list'],
  ['resources/templates/list', 'resources/templates/list'],
  ['resources/read', 'resources/read'],
  ['prompts/list', 'prompts/list'],
  ['prompts/get', 'prompts/get'],
  ['completion/complete', 'completion/complete'],
]);

/** The revision a dialect describes. */
export function sessionRevision(dialect: SessionDialect): Revision {
  return {
    date: dialect.date,
    isStateless: false,
    hasBatches: dialect.hasBatches,
    primesStreams: dialect.primesStreams,
    resourceNotFoundCode: RPC.resourceNotFound,
    operationOf: (method) => OPERATIONS.get(method),
    adaptResult: (operation, result) => adaptResult(dialect, operation, result),
    encodeEvent: (event, envelope) => encodeSessionEvent(dialect, event, envelope),
    encodeOutcome: (outcome, envelope, server) =>
      encodeSessionOutcome(dialect, { outcome, envelope, server }),
  };
}

function encodeSessionEvent(
  dialect: SessionDialect,
  event: CallEvent,
  envelope: Envelope,
): string | undefined {
  switch (event.kind) {
    case 'progress':
      if (envelope.progressTokenText === undefined) return undefined;
      return encodeProgress(
        dialect.hasProgressMessages ? event : { ...event, message: undefined },
        envelope.progressTokenText,
      );
    case 'log':
      return encodeLog(event);
    case 'change':
      return encodeChange(event.change, '');
    default:
      return undefined;
  }
}

interface Answer {
  readonly outcome: Outcome;
  readonly envelope: Envelope;
  readonly server: ServerIdentity;
}

function encodeSessionOutcome(dialect: SessionDialect, answer: Answer): string {
  const { outcome, envelope } = answer;
  if (outcome.kind === 'error') {
    return encodeErrorResponse(envelope.idText, outcome.error, RPC.resourceNotFound);
  }
  if (outcome.kind === 'input_required' || outcome.kind === 'task') {
    // Sessions are asked while the call runs, and take no tasks: the core never does this to them.
    const error = new StromError('ERR_INTERNAL', `a session cannot be told ${outcome.kind}`);
    return encodeErrorResponse(envelope.idText, error, RPC.resourceNotFound);
  }
  if (envelope.operation === 'describe') {
    const { name, version, title } = answer.server;
    const initialized = {
      protocolVersion: dialect.date,
      capabilities: withoutExtensions(ownValue(outcome.result, 'capabilities')),
      serverInfo: { name, version, title },
      instructions: ownValue(outcome.result, 'instructions'),
    };
    return encodeResultResponse(envelope.idText, resultText(initialized));
  }
  const result = adaptResult(dialect, envelope.operation, outcome.result);
  return encodeResultResponse(envelope.idText, resultText(result));
}

function adaptResult(
  dialect: SessionDialect,
  operation: Operation | undefined,
  result: JsonObject,
): JsonObject {
  const plain = onlyObjectStructure(operation, result);
  return dialect.adaptResult?.(operation, plain) ?? plain;
}

/** What a session's client could not use is not announced to it. */
function withoutExtensions(capabilities: unknown): unknown {
  if (!isJsonObject(capabilities) || !Object.hasOwn(capabilities, 'extensions'))
    return capabilities;
  const { extensions: _extensions, ...rest } = capabilities;
  return rest;
}
