/**
 * Answers what servers ask, with the handlers of the program. Both eras come here: with requests of
 * their own before 2026, with input requests inside a result since.
 *
 * @module
 */
import { RPC } from '../base/error-codes.ts';
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
} from '../protocol/spec/2026-07-28.ts';
import type { QuestionMethod } from './call-notice.ts';
import { fillDefaults } from './fill-defaults.ts';
import type { QuestionContext, QuestionHandlers } from './handlers.ts';
import { orAborted } from './pause.ts';

/** Declares exactly what the handlers can answer. */
export function capabilitiesFor(handlers: QuestionHandlers): ClientCapabilities {
  const { elicit, elicitUrl, sample, roots } = handlers;
  const elicitation = { ...(elicit && { form: {} }), ...(elicitUrl && { url: {} }) };
  return {
    ...((elicit || elicitUrl) && { elicitation }),
    ...(sample && { sampling: {} }),
    ...(roots && { roots: {} }),
  };
}

function noHandler(what: string): StromError {
  return new StromError(
    'ERR_NO_HANDLER',
    `the server asks for ${what}, and no handler answers that`,
  );
}

function malformed(method: string): WireError {
  return new WireError(RPC.invalidParams, `malformed ${method}`);
}

export class QuestionDesk {
  readonly #handlers: QuestionHandlers;
  #running = 0;

  constructor(handlers: QuestionHandlers) {
    this.#handlers = handlers;
  }

  /** How many questions handlers work on, those included that nobody waits for any more. */
  get running(): number {
    return this.#running;
  }

  /**
   * Has a question answered.
   *
   * @throws {StromError} `ERR_NO_HANDLER` when nobody here answers such questions
   * @throws {WireError} when the question is malformed
   */
  async answer(
    method: QuestionMethod,
    params: JsonObject,
    context: QuestionContext,
  ): Promise<JsonObject> {
    const result = await orAborted(this.#run(method, params, context), context.signal);
    if (!isJsonObject(result)) throw new TypeError(`the handler of ${method} gave no object`);
    return result;
  }

  async #run(
    method: QuestionMethod,
    params: JsonObject,
    context: QuestionContext,
  ): Promise<unknown> {
    this.#running += 1;
    try {
      return await this.#ask(method, params, context);
    } finally {
      this.#running -= 1;
    }
  }

  #ask(method: QuestionMethod, params: JsonObject, context: QuestionContext): Promise<unknown> {
    if (method === 'roots/list') return this.#listRoots(context);
    if (method === 'sampling/createMessage') return this.#sample(params, context);
    return this.#elicit(params, context);
  }

  async #listRoots(context: QuestionContext): Promise<unknown> {
    const { roots } = this.#handlers;
    if (roots === undefined) throw noHandler('its roots');
    return { roots: await roots(context) };
  }

  async #sample(params: JsonObject, context: QuestionContext): Promise<unknown> {
    const { sample } = this.#handlers;
    if (sample === undefined) throw noHandler('a sampled message');
    if (!Array.isArray(ownValue(params, 'messages'))) throw malformed('sampling/createMessage');
    return sample(params as unknown as CreateMessageRequestParams, context);
  }

  async #elicit(params: JsonObject, context: QuestionContext): Promise<unknown> {
    if (typeof ownValue(params, 'message') !== 'string') throw malformed('elicitation/create');
    return ownValue(params, 'mode') === 'url'
      ? this.#elicitUrl(params, context)
      : this.#elicitForm(params, context);
  }

  async #elicitUrl(params: JsonObject, context: QuestionContext): Promise<unknown> {
    const { elicitUrl } = this.#handlers;
    if (elicitUrl === undefined) throw noHandler('a visit to a web page');
    const url = ownValue(params, 'url');
    if (typeof url !== 'string' || !isWebUrl(url)) throw malformed('elicitation/create');
    return elicitUrl(params as unknown as ElicitRequestURLParams, context);
  }

  async #elicitForm(params: JsonObject, context: QuestionContext): Promise<unknown> {
    const { elicit } = this.#handlers;
    if (elicit === undefined) throw noHandler('a form to be filled in');
    if (!isJsonObject(ownValue(params, 'requestedSchema'))) throw malformed('elicitation/create');
    const form = params as unknown as ElicitRequestFormParams;
    return fillDefaults(form, await elicit(form, context));
  }
}

/** Other schemes (`javascript:`, `file:`) would run or open something on the user's machine. */
function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || protocol === 'http:';
}
