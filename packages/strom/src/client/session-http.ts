/**
 * Streamable HTTP with sessions (2025 revisions): the session in a header, streams that can be
 * continued after a break, and a GET stream for what the server says unasked.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 * @module
 */
import type { Timer } from '../base/clock.ts';
import { RPC } from '../base/error-codes.ts';
import { StromError } from '../base/strom-error.ts';
import { backoffMs } from './backoff.ts';
import { EventStream } from './event-stream.ts';
import { cancelText, type Exchange, type Outgoing } from './exchange.ts';
import {
  answerLost,
  type HttpContext,
  isEventStream,
  POST_HEADERS,
  takeJsonAnswer,
  toError,
} from './http-answer.ts';
import { discardBody } from './http-body.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { type Refusal, readRefusal } from './http-error.ts';
import type { Inbox } from './inbox.ts';
import { pause } from './pause.ts';
import { StandaloneStream } from './standalone-stream.ts';
import { LINGER_MS } from './stateless-http.ts';

const SESSION_HEADER = 'Mcp-Session-Id';
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;
const GOODBYE_TIMEOUT_MS = 2_000;
const MAX_RESUME_FAILURES = 5;

export interface SessionHttpOptions {
  readonly endpoint: HttpEndpoint;
  readonly context: HttpContext;
  readonly hasStandaloneStream: boolean;
}

export class SessionHttp implements Exchange {
  readonly transport = 'streamable-http';
  readonly #endpoint: HttpEndpoint;
  readonly #context: HttpContext;
  readonly #hasStandaloneStream: boolean;
  readonly #running = new Map<number, AbortController>();
  readonly #end = new AbortController();
  #headers: Readonly<Record<string, string>> = {};
  #hasSession = false;
  #isOpen = true;
  #isSettled = false;
  #standalone: StandaloneStream | undefined;

  constructor(options: SessionHttpOptions) {
    this.#endpoint = options.endpoint;
    this.#context = options.context;
    this.#hasStandaloneStream = options.hasStandaloneStream;
  }

  /** False once the server no longer knows the session. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(request: Outgoing, inbox: Inbox): void {
    const controller = new AbortController();
    this.#running.set(inbox.id, controller);
    // Never rejects: whatever goes wrong reaches the caller through the inbox.
    void this.#run(request, inbox, controller);
  }

  cancel(inbox: Inbox): void {
    const controller = this.#running.get(inbox.id);
    if (controller === undefined) return;
    controller.abort();
    // Before the handshake has settled, the request is `initialize`, which must not be cancelled.
    if (!this.#isOpen || !this.#isSettled) return;
    // Here a closed stream is no cancellation, so it has to be said. Too late is no harm.
    void this.post(cancelText(inbox.id)).catch(() => undefined);
  }

  async post(text: string): Promise<void> {
    const response = await this.#postText(text, this.#end.signal);
    if (!response.ok) throw (await readRefusal(response)).error;
    discardBody(response);
  }

  settle(revisionDate: string): void {
    this.#isSettled = true;
    this.#headers = { ...this.#headers, 'MCP-Protocol-Version': revisionDate };
  }

  listen(): void {
    if (!this.#hasStandaloneStream) return;
    this.#standalone = new StandaloneStream({
      endpoint: this.#endpoint,
      context: this.#context,
      headers: () => this.#headers,
      signal: this.#end.signal,
      onSessionLost: () => this.#loseSession(),
    });
    // Never rejects, and ends with the exchange.
    void this.#standalone.run();
  }

  whenListening(): Promise<void> {
    return this.#standalone?.opened ?? Promise.resolve();
  }

  release(): Promise<void> {
    this.#isOpen = false;
    this.#end.abort(new StromError('ERR_SESSION_UNKNOWN', 'the session is replaced'));
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const closed = new StromError('ERR_CLOSED', 'the client was closed');
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#context.board.failAll(closed);
    for (const controller of this.#running.values()) controller.abort();
    this.#end.abort(closed);
    if (wasOpen && this.#hasSession) await this.#sayGoodbye();
  }

  /** A session nobody will use any more should not wait for its time-out on the server. */
  async #sayGoodbye(): Promise<void> {
    const controller = new AbortController();
    const timer = this.#context.clock.after(GOODBYE_TIMEOUT_MS, () => controller.abort());
    try {
      const { signal } = controller;
      discardBody(await this.#endpoint.send({ method: 'DELETE', headers: this.#headers, signal }));
    } catch {
      // The server may refuse (405) or be gone; the session then ends on its own.
    } finally {
      timer.cancel();
    }
  }

  #postText(body: string, signal: AbortSignal, headers = {}): Promise<Response> {
    return this.#endpoint.send({
      method: 'POST',
      headers: { ...headers, ...this.#headers, ...POST_HEADERS },
      body,
      signal,
    });
  }

  async #run(request: Outgoing, inbox: Inbox, controller: AbortController): Promise<void> {
    try {
      const response = await this.#postText(request.text, controller.signal, request.headers);
      if (!response.ok) throw this.#understand(await readRefusal(response));
      if (request.method === 'initialize') this.#adoptSession(response);
      if (isEventStream(response)) await this.#follow(response, inbox, controller);
      else await takeJsonAnswer(response, inbox, this.#context);
    } catch (error) {
      inbox.fail(toError(error));
    } finally {
      this.#running.delete(inbox.id);
    }
  }

  #adoptSession(response: Response): void {
    const id = response.headers.get(SESSION_HEADER);
    if (id === null) return;
    if (!SESSION_ID.test(id)) {
      discardBody(response);
      throw new StromError('ERR_PROTOCOL', 'the session id is malformed');
    }
    this.#headers = { ...this.#headers, [SESSION_HEADER]: id };
    this.#hasSession = true;
  }

  /** Tells a session that is gone from a method that does not exist; both are a 404. */
  #understand(refusal: Refusal): Error {
    const isSessionGone = refusal.status === 404 && refusal.wire?.code !== RPC.methodNotFound;
    if (!this.#hasSession || !isSessionGone) return refusal.error;
    this.#loseSession();
    return new StromError('ERR_SESSION_UNKNOWN', 'the server no longer knows the session', {
      cause: refusal.error,
    });
  }

  #loseSession(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end.abort(new StromError('ERR_SESSION_UNKNOWN', 'the session is over'));
    this.#context.board.announceLoss();
  }

  /** Reads the stream of one request to its response, over as many connections as it takes. */
  async #follow(first: Response, inbox: Inbox, controller: AbortController): Promise<void> {
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
      let response: Response | undefined = first;
      let broken: unknown;
      while (response !== undefined && !inbox.isSettled) {
        broken = await stream.read(response);
        const canResume = !inbox.isSettled && stream.lastEventId !== '';
        response = canResume ? await this.#resume(stream, controller.signal) : undefined;
      }
      inbox.fail(answerLost(broken));
    } finally {
      linger?.cancel();
    }
  }

  /** The next connection of a stream; `undefined` when the server cannot continue it. */
  async #resume(stream: EventStream, signal: AbortSignal): Promise<Response | undefined> {
    for (let failures = 0; failures < MAX_RESUME_FAILURES; failures += 1) {
      await pause(backoffMs(failures, stream.retryMs), this.#context.clock, signal);
      const response = await this.#endpoint
        .send({
          method: 'GET',
          headers: {
            ...this.#headers,
            Accept: 'text/event-stream',
            ...stream.resumeHeaders,
          },
          signal,
        })
        .catch(() => signal.throwIfAborted());
      if (response === undefined) continue;
      if (response.ok && isEventStream(response)) return response;
      discardBody(response);
      if (response.status < 500 && response.status !== 429) return undefined;
    }
    return undefined;
  }
}
