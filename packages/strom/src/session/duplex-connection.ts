/**
 * A connection on which all messages of one peer share one channel: stdio, the in-process
 * connection, and HTTP+SSE. Both eras are served on it, side by side.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 * @module
 */
import { ownValue } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { asStromError, publicError, type StromError } from '../base/strom-error.ts';
import { utf8Length } from '../base/utf8-length.ts';
import { splitBatch } from '../calls/batch-channel.ts';
import type { Call } from '../calls/call.ts';
import type { Dispatcher } from '../calls/dispatcher.ts';
import type { Observe } from '../calls/observer.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import { encodeErrorResponse } from '../protocol/encode-error.ts';
import type {
  InvalidMessage,
  RequestId,
  RpcMessage,
  RpcNotification,
  RpcRequest,
} from '../protocol/message.ts';
import { parseInput } from '../protocol/parse-message.ts';
import { claimsVersion } from '../protocol/stateless-meta.ts';
import { Session } from './session.ts';
import { startStateless } from './stateless-request.ts';

export interface DuplexOptions {
  readonly dispatcher: Dispatcher;
  readonly principal: Principal;
  /** Makes the channel of one more reply on the connection. */
  openChannel(): ReplyChannel;
  /** Watches the requests on the connection, where somebody wants to know of them. */
  readonly observe?: Observe | undefined;
}

/** What is refused, and where to say so. */
interface Refused {
  readonly channel: ReplyChannel;
  readonly sender: Principal;
  readonly idText?: string | undefined;
  readonly method?: string;
}

export class DuplexConnection {
  readonly #options: DuplexOptions;
  readonly #statelessCalls = new Map<RequestId, Call>();
  #session: Session | undefined;
  #isClosed = false;

  constructor(options: DuplexOptions) {
    this.#options = options;
  }

  /** What the peer said of itself in its handshake, if it made one. */
  get session(): Session | undefined {
    return this.#session;
  }

  /**
   * Handles one message or batch. Never throws; what is wrong with it is answered.
   *
   * @param sender - the owner of the connection, with the proof and the scopes that came with the
   * message, where messages bring their own
   * @returns whether there is something to answer
   */
  receive(text: string, sender: Principal = this.#options.principal): boolean {
    // What would start now could never be cancelled: the peer has gone.
    if (this.#isClosed) return false;
    try {
      const { messages, isBatch } = parseInput(text);
      if (isBatch) this.#batch(messages, sender);
      else {
        for (const message of messages) this.#message(message, this.#options.openChannel(), sender);
      }
      return messages.some(isAnswered);
    } catch (error) {
      this.refuse(asStromError(error, 'a message could not be read'), sender);
      return true;
    }
  }

  /** Answers something that was no message at all. */
  refuse(error: StromError, sender: Principal = this.#options.principal): void {
    this.#refuse({ channel: this.#options.openChannel(), sender }, error);
  }

  /** Cancels everything that runs for the peer. */
  close(): void {
    this.#isClosed = true;
    const reason = publicError('ERR_PEER_GONE', 'The connection was closed.');
    for (const call of [...this.#statelessCalls.values()]) call.cancel(reason);
    this.#session?.close(reason);
  }

  #refuse({ channel, sender, idText, method }: Refused, error: StromError): void {
    const answer = encodeErrorResponse(idText, error);
    channel.end(answer, error);
    const { status } = channel;
    const about = { ...this.#session?.stated, method, status, bytes: utf8Length(answer) };
    this.#options.observe?.refused(error, sender, about);
  }

  #batch(messages: readonly (RpcMessage | InvalidMessage)[], sender: Principal): void {
    if (this.#session?.revision.hasBatches !== true) {
      throw noBatches();
    }
    const answered = messages.filter(isAnswered);
    const channelOf = splitBatch(this.#options.openChannel(), answered.length);
    for (const message of messages) {
      const isAnswered = answered.includes(message);
      const channel = isAnswered ? channelOf() : this.#options.openChannel();
      // The batch is answered as a whole: one that stays open would hold up the others.
      if (message.kind === 'request' && claimsVersion(message.params)) {
        this.#refuse({ ...message, channel, sender }, noBatches());
      } else this.#message(message, channel, sender);
    }
  }

  #message(message: RpcMessage | InvalidMessage, channel: ReplyChannel, sender: Principal): void {
    switch (message.kind) {
      case 'invalid':
        this.#refuse({ channel, sender, idText: message.idText }, message.error);
        return;
      case 'request':
        this.#request(message, channel, sender);
        return;
      case 'notification':
        this.#notification(message);
        return;
      case 'response':
        this.#session?.response(message);
    }
  }

  #request(request: RpcRequest, channel: ReplyChannel, sender: Principal): void {
    if (claimsVersion(request.params)) this.#stateless(request, channel, sender);
    else if (this.#session !== undefined) this.#session.request(request, channel, sender);
    else if (request.method === 'initialize') this.#open(request, channel, sender);
    else {
      const error = publicError('ERR_INVALID_REQUEST', 'Send initialize first, or _meta facts');
      this.#refuse({ ...request, channel, sender }, error);
    }
  }

  #open(request: RpcRequest, channel: ReplyChannel, sender: Principal): void {
    const { dispatcher, principal, observe } = this.#options;
    const outbound = this.#options.openChannel();
    try {
      this.#session = Session.open(request, channel, {
        dispatcher,
        principal,
        outbound,
        observe,
      });
    } catch (error) {
      this.#refuse({ ...request, channel, sender }, error as StromError);
    }
  }

  #stateless(request: RpcRequest, channel: ReplyChannel, sender: Principal): void {
    if (this.#statelessCalls.has(request.id)) {
      const error = publicError('ERR_INVALID_REQUEST', 'A request with this id is still running');
      this.#refuse({ ...request, channel, sender }, error);
      return;
    }
    const call = startStateless(request, channel, {
      dispatcher: this.#options.dispatcher,
      principal: sender,
      observe: this.#options.observe,
    });
    if (call === undefined || call.ended) return;
    this.#statelessCalls.set(request.id, call);
    call.onAnswered(() => this.#statelessCalls.delete(request.id));
  }

  #notification({ method, params }: RpcNotification): void {
    if (method === 'notifications/initialized') this.#session?.startListChanges();
    if (method === 'notifications/cancelled') {
      const call = this.#statelessCalls.get(ownValue(params, 'requestId') as RequestId);
      call?.cancel(publicError('ERR_CANCELLED', 'The caller cancelled the request.'));
    }
    this.#session?.notification(method, params);
  }
}

function isAnswered({ kind }: RpcMessage | InvalidMessage): boolean {
  return kind === 'request' || kind === 'invalid';
}

function noBatches(): StromError {
  return publicError('ERR_INVALID_REQUEST', 'Batches are not part of this revision');
}
