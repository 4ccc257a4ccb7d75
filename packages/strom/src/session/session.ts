/**
 * A session of the revisions that open with a handshake: what was agreed, which calls run, and the
 * requests that belong to the session rather than to the server behind it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 * @module
 */
import { type JsonObject, ownValue, toJson } from '../base/json.ts';
import { isLogLevel, type LogLevel } from '../base/log-level.ts';
import { lasting, type Principal } from '../base/principal.ts';
import { shuttingDown } from '../base/shutting-down.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { WireError } from '../base/wire-error.ts';
import type { Call } from '../calls/call.ts';
import type { Dispatcher } from '../calls/dispatcher.ts';
import type { CallWatch, Observe } from '../calls/observer.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import { ReplyView } from '../calls/reply-view.ts';
import { clientFacts } from '../protocol/client-facts.ts';
import type { RequestId, RpcRequest, RpcResponse } from '../protocol/message.ts';
import { mcpEncoder } from '../protocol/message-encoder.ts';
import type { ClientFacts, Operation } from '../protocol/operation.ts';
import { metaOf, progressTokenText, traceContext } from '../protocol/request-meta.ts';
import type { Revision } from '../protocol/revision.ts';
import { negotiateSession } from '../protocol/revisions/catalog.ts';
import { checkWatchedUris } from '../protocol/watched-uris.ts';
import { QuestionDesk } from './question-desk.ts';
import type { Agreement } from './session-facts.ts';
import { SessionView } from './session-view.ts';

export interface SessionHost {
  readonly dispatcher: Dispatcher;
  /** Who opened the session. */
  readonly principal: Principal;
  /** Where messages go that belong to no request, such as change notifications. */
  readonly outbound: ReplyChannel;
  /** Watches the requests of the session, where somebody wants to know of them. */
  readonly observe?: Observe | undefined;
  /** The id of the session, where it has one. */
  readonly sessionId?: string | undefined;
  /** Starts the ids of the questions that are asked; no two holders of one session share it. */
  readonly generation?: string | undefined;
  /** Keeps what was agreed after it has changed; the answer waits for it. */
  readonly keep?: (() => Promise<void>) | undefined;
}

/** Where a request came from, and where its answer goes. */
interface Origin {
  readonly channel: ReplyChannel;
  readonly sender: Principal;
}

interface Listening {
  readonly call: Call;
  /** Why it did not even begin. */
  readonly refusal: StromError | WireError | undefined;
}

const DEFAULT_LOG_LEVEL: LogLevel = 'info';
/** Of capabilities as JSON: a session keeps them for as long as it lives. */
const MAX_CAPABILITIES_CHARS = 64 * 1024;
/** Listening calls of a session have no request; no client sees this id. */
const NO_REQUEST = '0';

export class Session {
  readonly revision: Revision;
  readonly client: ClientFacts;
  readonly logGate: { level: LogLevel } = { level: DEFAULT_LOG_LEVEL };
  readonly #host: SessionHost;
  readonly #questions: QuestionDesk;
  readonly #calls = new Map<RequestId, Call>();
  readonly #subscriptions = new Map<string, Call>();
  #listChanges: Call | undefined;

  private constructor(revision: Revision, client: ClientFacts, host: SessionHost) {
    this.revision = revision;
    this.client = client;
    this.#host = host;
    this.#questions = new QuestionDesk(host.generation);
  }

  /**
   * Opens a session with an `initialize` request and answers it.
   *
   * @throws {StromError} `ERR_SHUTTING_DOWN`; `ERR_INVALID_PARAMS` for capabilities over 64 KiB
   */
  static open(request: RpcRequest, channel: ReplyChannel, host: SessionHost): Session {
    if (host.dispatcher.isShuttingDown) throw shuttingDown();
    const { params } = request;
    const revision = negotiateSession(ownValue(params, 'protocolVersion'));
    const client = clientFacts(ownValue(params, 'clientInfo'), ownValue(params, 'capabilities'));
    if (toJson(client.capabilities).length > MAX_CAPABILITIES_CHARS) {
      const most = `capabilities hold at most ${MAX_CAPABILITIES_CHARS} characters`;
      throw publicError('ERR_INVALID_PARAMS', most);
    }
    const session = new Session(revision, client, host);
    session.#dispatch('describe', request, { channel, sender: host.principal });
    return session;
  }

  /** Goes on with a session that another process has opened. */
  static restore(agreement: Agreement, host: SessionHost): Session {
    const session = new Session(negotiateSession(agreement.revision), agreement.client, host);
    session.logGate.level = agreement.logLevel;
    for (const uri of agreement.subscriptions) {
      session.#subscriptions.set(uri, session.#listen({ resourceSubscriptions: [uri] }).call);
    }
    return session;
  }

  /** What another process would need to go on with the session. */
  get agreement(): Agreement {
    return {
      revision: this.revision.date,
      client: this.client,
      logLevel: this.logGate.level,
      subscriptions: [...this.#subscriptions.keys()],
    };
  }

  /** What its client has said of itself and of the protocol, for those who watch. */
  get stated(): { readonly client: ClientFacts; readonly revision: string } {
    return { client: this.client, revision: this.revision.date };
  }

  /** Calls that run at this moment. */
  get activeCalls(): number {
    return this.#calls.size;
  }

  /**
   * Handles one request; the answer, errors included, goes to `channel`.
   *
   * @param sender - the owner of the session, with the proof and the scopes this request brought
   */
  request(request: RpcRequest, channel: ReplyChannel, sender: Principal): void {
    const origin = { channel, sender };
    try {
      const operation = this.revision.operationOf(request.method);
      if (operation !== undefined && operation !== 'describe') {
        this.#dispatch(operation, request, origin);
        return;
      }
      const result = this.#own(request, sender);
      const view = this.#view(undefined, request, origin);
      const kept = request.method === 'ping' ? undefined : this.#host.keep?.();
      if (kept === undefined) view.finish({ kind: 'result', result });
      else void this.#finishOnce(kept, view, result);
    } catch (error) {
      this.#view(undefined, request, origin).finish({ kind: 'error', error: error as StromError });
    }
  }

  /** Handles one notification; unknown ones are ignored, as JSON-RPC wants it. */
  notification(method: string, params: JsonObject): void {
    if (method === 'notifications/cancelled') {
      const call = this.#calls.get(ownValue(params, 'requestId') as RequestId);
      call?.cancel(publicError('ERR_CANCELLED', 'The caller cancelled the request.'));
    }
  }

  /**
   * Takes the client's answer to a question a handler asked.
   *
   * @throws {StromError} `ERR_INVALID_REQUEST` when the question was asked by a process that held
   * the session before: nobody waits for the answer any more
   */
  response(response: RpcResponse): void {
    const wasAskedHere = this.#questions.answer(response);
    if (this.#host.generation !== undefined && !wasAskedHere) {
      throw publicError('ERR_INVALID_REQUEST', 'Nobody waits for the answer to this question');
    }
  }

  /** Sends list changes to the session's outbound channel from now on; once is enough. */
  startListChanges(): void {
    this.#listChanges ??= this.#listen({
      toolsListChanged: true,
      promptsListChanged: true,
      resourcesListChanged: true,
    }).call;
  }

  /** Cancels everything that runs for the session. */
  close(reason: StromError): void {
    const calls = [...this.#calls.values(), ...this.#subscriptions.values()];
    for (const call of calls) call.cancel(reason);
    this.#listChanges?.cancel(reason);
  }

  /** Never rejects. */
  async #finishOnce(kept: Promise<void>, view: ReplyView, result: JsonObject): Promise<void> {
    try {
      await kept;
      view.finish({ kind: 'result', result });
    } catch (error) {
      view.finish({ kind: 'error', error: error as StromError });
    }
  }

  #dispatch(operation: Operation, request: RpcRequest, origin: Origin): void {
    if (this.#calls.has(request.id)) {
      throw publicError('ERR_INVALID_REQUEST', 'A request with this id is still running');
    }
    const meta = metaOf(request.params);
    const wantsProgress = progressTokenText(meta) !== undefined;
    const call = this.#host.dispatcher.dispatch(
      {
        operation,
        params: request.params,
        client: this.client,
        principal: origin.sender,
        logGate: this.logGate,
        wantsProgress,
        takesTasks: false,
        trace: traceContext(meta),
      },
      this.#view(operation, request, origin),
    );
    if (call.ended) return;
    this.#calls.set(request.id, call);
    call.onAnswered(() => this.#calls.delete(request.id));
  }

  #view(operation: Operation | undefined, request: RpcRequest, origin: Origin): ReplyView {
    // A malformed token is refused in #dispatch; the refusal itself needs none.
    const token = operation === undefined ? undefined : progressTokenText(metaOf(request.params));
    const envelope = { operation, idText: request.idText, progressTokenText: token };
    const encoder = mcpEncoder(this.revision, envelope, this.#host.dispatcher.identity);
    const watch = this.#watch(request, origin);
    return new SessionView(encoder, origin.channel, { desk: this.#questions, watch });
  }

  #watch({ method, params, idText }: RpcRequest, origin: Origin): CallWatch | undefined {
    const { observe, sessionId } = this.#host;
    if (observe === undefined) return undefined;
    const { client } = this;
    const { date: revision } = this.revision;
    const { sender: principal, channel } = origin;
    const { header } = channel;
    return observe({ method, params, client, principal, revision, idText, sessionId, header });
  }

  /** The requests a session answers itself. */
  #own(request: RpcRequest, sender: Principal): JsonObject {
    switch (request.method) {
      case 'ping':
        return {};
      case 'logging/setLevel':
        return this.#setLevel(ownValue(request.params, 'level'));
      case 'resources/subscribe':
        return this.#subscribe(ownValue(request.params, 'uri'), sender);
      case 'resources/unsubscribe':
        return this.#unsubscribe(ownValue(request.params, 'uri'));
      case 'initialize':
        throw publicError('ERR_INVALID_REQUEST', 'The session is already initialized');
      default:
        throw publicError('ERR_METHOD_NOT_FOUND', `Method not found: ${request.method}`);
    }
  }

  #setLevel(level: unknown): JsonObject {
    if (!isLogLevel(level)) throw publicError('ERR_INVALID_PARAMS', 'level is not a log level');
    this.logGate.level = level;
    return {};
  }

  #subscribe(uri: unknown, sender: Principal): JsonObject {
    if (typeof uri !== 'string') throw publicError('ERR_INVALID_PARAMS', 'uri must be a string');
    if (this.#subscriptions.has(uri)) return {};
    checkWatchedUris([...this.#subscriptions.keys(), uri]);
    const { call, refusal } = this.#listen({ resourceSubscriptions: [uri] }, sender);
    if (refusal !== undefined) throw refusal;
    this.#subscriptions.set(uri, call);
    return {};
  }

  #unsubscribe(uri: unknown): JsonObject {
    const call = this.#subscriptions.get(uri as string);
    this.#subscriptions.delete(uri as string);
    call?.cancel(publicError('ERR_CANCELLED', 'The caller unsubscribed.'));
    return {};
  }

  #listen(notifications: JsonObject, sender = this.#host.principal): Listening {
    const operation = 'subscriptions/listen';
    const envelope = { operation, idText: NO_REQUEST, progressTokenText: undefined } as const;
    const encoder = mcpEncoder(this.revision, envelope, this.#host.dispatcher.identity);
    const { outbound } = this.#host;
    const ended: { failure?: StromError | WireError | undefined } = {};
    const call = this.#host.dispatcher.dispatch(
      {
        operation,
        params: { notifications },
        client: this.client,
        // What it finds waits in a stream of the session, which is read with a proof of its own.
        principal: lasting(sender),
        logGate: this.logGate,
        wantsProgress: false,
        takesTasks: false,
        trace: undefined,
      },
      // The end of a subscription is no message in these revisions.
      new ReplyView(encoder, {
        push: (message, policy) => outbound.push(message, policy),
        flush: () => outbound.flush(),
        end: (_, failure) => {
          ended.failure = failure;
        },
      }),
    );
    return { call, refusal: ended.failure };
  }
}
