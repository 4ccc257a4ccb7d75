/**
 * Requests of the server in the eras with sessions: answered here, one answer each.
 *
 * @module
 */
import { RPC } from '../base/error-codes.ts';
import type { JsonObject } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { encodeErrorResponse } from '../protocol/encode-error.ts';
import { encodeResultResponse, resultText } from '../protocol/encode-result.ts';
import type { RequestId, RpcRequest } from '../protocol/message.ts';
import { isQuestion } from './call-notice.ts';
import type { QuestionDesk } from './question-desk.ts';
import type { RequestArrival } from './switchboard.ts';

/** Questions answered at the same time; a server that asks more is told to wait its turn. */
const MAX_OPEN = 16;
/** Answers on their way to a server; one that does not take them gets no more. */
const MAX_UNDELIVERED = 64;

export interface ServerRequestContext {
  readonly desk: QuestionDesk;
  readonly serverName: () => string;
  readonly onWarning: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What the server learns of an error here: nothing that a handler did not mean to tell. */
function forServer(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (error instanceof StromError && error.code === 'ERR_NO_HANDLER') {
    return new WireError(RPC.methodNotFound, 'Method not found');
  }
  return new WireError(RPC.internalError, 'The client could not answer.');
}

export class ServerRequests {
  readonly #context: ServerRequestContext;
  readonly #open = new Map<RequestId, AbortController>();
  #undelivered = 0;

  constructor(context: ServerRequestContext) {
    this.#context = context;
  }

  /** Answers a request. While that takes, the calls it may belong to do not count as idle. */
  async take({ request, concerned, post }: RequestArrival): Promise<void> {
    const release = concerned.map((inbox) => inbox.holdForQuestion());
    const answer = await this.#answer(request);
    for (const letGo of release) letGo();
    if (answer !== undefined) await this.#deliver(answer, post);
  }

  async #deliver(answer: string, post: RequestArrival['post']): Promise<void> {
    const notDelivered = (error?: unknown): void => {
      this.#context.onWarning('an answer to the server was not delivered', { error });
    };
    if (this.#undelivered >= MAX_UNDELIVERED) {
      notDelivered();
      return;
    }
    this.#undelivered += 1;
    await post(answer).catch(notDelivered);
    this.#undelivered -= 1;
  }

  /** Stops a question the server has withdrawn. */
  withdraw(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    this.#open.get(id)?.abort(new StromError('ERR_CANCELLED', 'the server withdrew its question'));
  }

  /** Stops every open question. */
  stop(): void {
    const reason = new StromError('ERR_CLOSED', 'the client was closed');
    for (const controller of this.#open.values()) controller.abort(reason);
  }

  /** The text of the answer; none for a question that was withdrawn. */
  async #answer(request: RpcRequest): Promise<string | undefined> {
    if (request.method === 'ping') return encodeResultResponse(request.idText, '{}');
    const controller = new AbortController();
    try {
      const result = await this.#result(request, controller);
      return encodeResultResponse(request.idText, resultText(result));
    } catch (error) {
      return controller.signal.aborted
        ? undefined
        : encodeErrorResponse(request.idText, forServer(error));
    } finally {
      if (this.#open.get(request.id) === controller) this.#open.delete(request.id);
    }
  }

  async #result(request: RpcRequest, controller: AbortController): Promise<JsonObject> {
    const { method, params, id } = request;
    if (!isQuestion(method)) throw new WireError(RPC.methodNotFound, 'Method not found');
    // A question that was withdrawn counts until its handler has heeded that.
    if (this.#context.desk.running >= MAX_OPEN || this.#open.has(id)) {
      throw new WireError(RPC.internalError, 'Too many open questions.');
    }
    this.#open.set(id, controller);
    const serverName = this.#context.serverName();
    return this.#context.desk.answer(method, params, { signal: controller.signal, serverName });
  }
}
