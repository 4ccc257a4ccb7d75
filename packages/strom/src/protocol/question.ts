/**
 * Questions a handler may put to its caller, without a trace of how they travel.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation
 * @module
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { ClientCapabilities, CreateMessageRequestParams } from './spec/2026-07-28.ts';

export type Question =
  | { readonly kind: 'form'; readonly message: string; readonly schema: JsonObject }
  | { readonly kind: 'url'; readonly message: string; readonly url: string }
  | { readonly kind: 'sample'; readonly params: CreateMessageRequestParams }
  | { readonly kind: 'roots' };

/** A question in the words of the protocol, the same in every revision that has it. */
export function questionRequest(question: Question): { method: string; params: JsonObject } {
  switch (question.kind) {
    case 'form': {
      const { message, schema } = question;
      return { method: 'elicitation/create', params: { message, requestedSchema: schema } };
    }
    case 'url': {
      const { message, url } = question;
      return { method: 'elicitation/create', params: { mode: 'url', message, url } };
    }
    case 'sample':
      return { method: 'sampling/createMessage', params: { ...question.params } };
    case 'roots':
      return { method: 'roots/list', params: {} };
  }
}

/**
 * Checks that the caller can be asked this.
 *
 * @throws {StromError} `ERR_MISSING_CAPABILITY` naming what the client would have to declare
 */
export function requireCapability(question: Question, capabilities: ClientCapabilities): void {
  const { elicitation, sampling, roots } = capabilities;
  switch (question.kind) {
    case 'form':
      // An empty object means forms: that is how elicitation began.
      if (elicitation === undefined || !allowsForms(elicitation)) missing({ elicitation: {} });
      return;
    case 'url':
      if (elicitation?.url === undefined) missing({ elicitation: { url: {} } });
      return;
    case 'sample':
      if (sampling === undefined) missing({ sampling: {} });
      return;
    case 'roots':
      if (roots === undefined) missing({ roots: {} });
  }
}

function allowsForms(elicitation: NonNullable<ClientCapabilities['elicitation']>): boolean {
  return elicitation.form !== undefined || elicitation.url === undefined;
}

function missing(requiredCapabilities: JsonObject): never {
  throw publicError(
    'ERR_MISSING_CAPABILITY',
    `The client lacks a capability: ${Object.keys(requiredCapabilities).join(', ')}`,
    { requiredCapabilities },
  );
}

const ACTIONS = new Set<unknown>(['accept', 'decline', 'cancel']);

/**
 * Checks the form of an answer; what a form's content may hold is for the asker's schema.
 *
 * @throws {StromError} `ERR_INVALID_PARAMS` when it is no answer to this kind of question
 */
export function checkAnswer(question: Question, answer: unknown): JsonObject {
  if (!isJsonObject(answer)) throw wrongAnswer();
  const isElicitation = question.kind === 'form' || question.kind === 'url';
  const { action, content } = answer;
  if (isElicitation && !ACTIONS.has(action)) throw wrongAnswer();
  if (question.kind === 'form' && action === 'accept' && !isJsonObject(content ?? {})) {
    throw wrongAnswer();
  }
  if (question.kind === 'sample' && !isJsonObject(content)) {
    if (!Array.isArray(content)) throw wrongAnswer();
  }
  if (question.kind === 'roots' && !Array.isArray(answer['roots'])) throw wrongAnswer();
  return answer;
}

function wrongAnswer() {
  return publicError('ERR_INVALID_PARAMS', 'An answer does not fit its question');
}
