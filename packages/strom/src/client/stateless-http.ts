/**
 * Streamable HTTP without sessions: every request is a POST, and its answer a stream of its own.
 * Closing the stream is what cancels the request.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 * @module
 */
import type { Timer } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import { STATELESS_REVISION } from '../protocol/revisions/catalog.ts';
import { EventStream } from './event-stream.ts';
import type { Exchange, Outgoing } from './exchange.ts';
import {
  answerLost,
  type HttpContext,
  isEventStream,
  POST_HEADERS,
  takeJsonAnswer,
  toError,
} from './http-answer.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { readRefusal } from './http-error.ts';
import type { Inbox } from './inbox.ts';

/** How long a stream may stay open after its response; an orderly end lets the socket be reused. */
export const LINGER_MS = 1_000;

export class StatelessHttp implements Exchange {
  readonly transport = 'streamable-http';
  readonly isOpen = true;
  readonly #endpoint: HttpEndpoint;
  readonly #context: HttpContext;
  readonly #running = new Map<number, AbortController>();

  constructor(endpoint: HttpEndpoint, context: HttpContext) {
    this.#endpoint = endpoint;
    this.#context = context;
  }

  send(request: Outgoing, inbox: Inbox): void {
    const controller = new AbortController();
    this.#running.set(inbox.id, controller);
    // Never rejects: whatever goes wrong reaches the caller through the inbox.
    void this.#run(request, inbox, controller);
  }

  cancel(inbox: Inbox): void {
    this.#running.get(inbox.id)?.abort();
  }

  post(): Promise<void> {
    // The revision has no messages from client to server other than requests.
    return Promise.resolve();
  }

  settle(): void {
    // Every request carries its own facts; there is nothing to remember.
  }

  listen(): void {
    // What the server says unasked comes as answers to `subscriptions/listen`.
  }

  whenListening(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#context.board.failAll(new StromError('ERR_CLOSED', 'the client was closed'));
    for (const controller of this.#running.values()) controller.abort();
    return Promise.resolve();
  }

  async #run(request: Outgoing, inbox: Inbox, controller: AbortController): Promise<void> {
    try {
      const response = await this.#endpoint.send({
        method: 'POST',
        headers: {
          ...request.headers,
          ...POST_HEADERS,
          'MCP-Protocol-Version': STATELESS_REVISION.date,
        },
        body: request.text,
        signal: controller.signal,
      });
      if (!response.ok) throw (await readRefusal(response)).error;
      if (isEventStream(response)) await this.#readStream(response, inbox, controller);
      else await takeJsonAnswer(response, inbox, this.#context);
    } catch (error) {
      inbox.fail(toError(error));
    } finally {
      this.#running.delete(inbox.id);
    }
  }

  async #readStream(response: Response, inbox: Inbox, controller: AbortController): Promise<void> {
    const { board, clock, maxMessageChars } = this.#context;
    let linger: Timer | undefined;
    const stream = new EventStream({
      onEvent: ({ event, data, longTexts }) => {
        if (event === 'message') board.receiveFor(inbox, data, longTexts);
      },
      onRead: () => {
        if (inbox.isSettled) linger ??= clock.after(LINGER_MS, () => controller.abort());
      },
      whenRoom: () => inbox.whenRoom(),
      maxEventChars: maxMessageChars,
    });
    try {
      inbox.fail(answerLost(await stream.read(response)));
    } finally {
      linger?.cancel();
    }
  }
}
