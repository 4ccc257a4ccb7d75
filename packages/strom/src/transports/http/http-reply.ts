import type { StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';
import type { Call } from '../../calls/call.ts';
import type { LongMessages } from '../../calls/long-messages.ts';
import type { FramePolicy, Outbox } from '../../calls/outbox.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import type { Tally } from '../../calls/tally.ts';
import type { Pieces } from '../../protocol/json-pieces.ts';
import { encodeSseJson, encodeSsePieces, SSE_KEEP_ALIVE } from '../../protocol/sse-encode.ts';
import type { HttpExchange, PeerWatcher } from './exchange.ts';
import { JSON_HEADERS } from './headers.ts';
import type { HttpContext } from './http-context.ts';
import type { KeptAlive } from './keep-alive.ts';
import { endInPieces, openOutbox, openSseInPieces } from './open-outbox.ts';
import { peerGone, refusalHeaders } from './refuse.ts';
import { isRefusal, replyStatus } from './reply-status.ts';

/** The forms of answer a client accepts. */
export interface AcceptedForms {
  readonly json: boolean;
  readonly sse: boolean;
}

/**
 * The answer to one stateless POST: JSON when the call said nothing before its result, an event
 * stream from the first notification on. It ends with the connection.
 */
export class HttpReply implements ReplyChannel, KeptAlive, PeerWatcher {
  place: number | undefined = undefined;
  tally: Tally | undefined = undefined;
  status: number | undefined = undefined;
  readonly #exchange: HttpExchange;
  readonly #forms: AcceptedForms;
  readonly #context: HttpContext;
  /** Whose answer it is; it ends when the peer goes. */
  #call: Call | undefined;
  #outbox: Outbox | undefined;
  #longMessages: LongMessages | undefined;
  #burstWindowMs = 0;

  constructor(exchange: HttpExchange, forms: AcceptedForms, context: HttpContext) {
    this.#exchange = exchange;
    this.#forms = forms;
    this.#context = context;
  }

  /** To be called when the call did not end at once: it may take long, and its peer may go. */
  waitFor(call: Call): void {
    this.#call = call;
    this.#context.keepAlive.add(this);
    this.#exchange.onGone(this);
  }

  push(message: string, policy: FramePolicy): Promise<void> | undefined {
    if (!this.#forms.sse) {
      this.tally?.countDropped(message);
      return undefined;
    }
    this.#outbox ??= this.#open();
    return this.#outbox.push(encodeSseJson(message), policy, this);
  }

  pushInPieces(message: Pieces): Promise<void> | undefined {
    if (!this.#forms.sse) {
      this.tally?.countLongDropped(message.bytes);
      return undefined;
    }
    this.#outbox ??= this.#open();
    const standIn = this.#longMessages?.hold(message) ?? '';
    return this.#outbox.push(encodeSseJson(standIn), 'keep', this);
  }

  awaitRoom(): Promise<void> | undefined {
    return this.#outbox?.awaitRoom(this);
  }

  flush(): void {
    this.#outbox?.flush();
  }

  batchFor(burstWindowMs: number): void {
    this.#burstWindowMs = burstWindowMs;
    this.#outbox?.batchFor(burstWindowMs);
  }

  end(message: string | undefined, failure?: StromError | WireError): void {
    this.#context.keepAlive.delete(this);
    if (this.#outbox !== undefined) {
      this.#outbox.end(message === undefined ? '' : encodeSseJson(message));
    } else if (message === undefined) this.#exchange.abort();
    else if (this.#forms.json || isRefusal(failure)) this.#reply(message, failure);
    else this.#open().end(encodeSseJson(message));
  }

  endInPieces(message: Pieces): void {
    this.#context.keepAlive.delete(this);
    if (this.#outbox === undefined && this.#forms.json) {
      this.status = 200;
      const limits = this.#context.streamLimits;
      const outbox = openOutbox(this.#exchange, { headers: JSON_HEADERS, limits });
      endInPieces(this.#exchange, outbox, message);
    } else endInPieces(this.#exchange, this.#outbox ?? this.#open(), encodeSsePieces(message));
  }

  #reply(message: string, failure: StromError | WireError | undefined): void {
    const headers =
      failure === undefined
        ? JSON_HEADERS
        : { ...JSON_HEADERS, ...refusalHeaders(this.#context.gatekeeper, failure) };
    this.status = replyStatus(failure);
    this.#exchange.reply(this.status, headers, message);
  }

  /** The peer has gone: whoever waits for it is released. */
  gone(): void {
    this.#context.keepAlive.delete(this);
    this.#outbox?.gone();
    this.#call?.cancel(peerGone());
  }

  keepAlive(): void {
    if (!this.#forms.sse) return;
    this.#outbox ??= this.#open();
    this.#outbox.keepAlive(SSE_KEEP_ALIVE);
  }

  #open(): Outbox {
    const { outbox, longMessages } = openSseInPieces(this.#exchange, this.#context.streamLimits);
    outbox.batchFor(this.#burstWindowMs);
    this.status = 200;
    this.#longMessages = longMessages;
    return outbox;
  }
}
