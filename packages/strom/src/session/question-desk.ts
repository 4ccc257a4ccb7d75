/**
 * Requests from the server to the client of a session: sent on the stream of the call that asks,
 * answered by whatever message carries the id.
 *
 * @module
 */
import { toJson } from '../base/json.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import type { RequestId, RpcResponse } from '../protocol/message.ts';
import { type Question, questionRequest } from '../protocol/question.ts';

interface Waiting {
  readonly owner: object;
  resolve(answer: unknown): void;
  reject(error: StromError | WireError): void;
}

/** Most questions of one session that wait for an answer. */
const MAX_WAITING = 256;

export class QuestionDesk {
  readonly #waiting = new Map<RequestId, Waiting>();
  readonly #prefix: string;
  #asked = 0;

  /** @param generation - starts the ids of its questions, so that no two desks of a session share one */
  constructor(generation = '') {
    this.#prefix = `ask-${generation}`;
  }

  /**
   * Sends a question and waits for its answer.
   *
   * @param owner - what {@link QuestionDesk.withdraw} names to end the wait
   * @returns the `result` the client sent; rejects with its error, or when withdrawn
   */
  ask(question: Question, channel: ReplyChannel, owner: object): Promise<unknown> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(publicError('ERR_STREAM_LIMIT', 'Too many open questions'));
    }
    this.#asked += 1;
    const id = `${this.#prefix}${this.#asked}`;
    const { method, params } = questionRequest(question);
    const withId = question.kind === 'url' ? { ...params, elicitationId: id } : params;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { owner, resolve, reject });
      void channel.push(toJson({ jsonrpc: '2.0', id, method, params: withId }), 'keep');
    });
  }

  /**
   * Takes the answer to a question; one that nobody waits for any more is ignored.
   *
   * @returns whether the question was asked here
   */
  answer(response: RpcResponse): boolean {
    this.#take(response);
    return typeof response.id === 'string' && response.id.startsWith(this.#prefix);
  }

  #take(response: RpcResponse): void {
    const waiting = response.id === undefined ? undefined : this.#waiting.get(response.id);
    if (waiting === undefined || response.id === undefined) return;
    this.#waiting.delete(response.id);
    const { error } = response;
    if (error === undefined) waiting.resolve(response.result);
    else waiting.reject(new WireError(error.code, error.message, error.data));
  }

  /** Ends the wait for all questions of an owner. */
  withdraw(owner: object, reason: StromError): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.owner !== owner) continue;
      this.#waiting.delete(id);
      waiting.reject(reason);
    }
  }
}
