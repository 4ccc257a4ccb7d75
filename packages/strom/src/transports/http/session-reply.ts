import type { StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';
import type { FramePolicy } from '../../calls/outbox.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import type { Tally } from '../../calls/tally.ts';
import type { Pieces } from '../../protocol/json-pieces.ts';
import type { Gatekeeper } from '../../security/gatekeeper.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders } from './exchange.ts';
import { JSON_HEADERS, SSE_HEADERS } from './headers.ts';
import type { KeepAlive, KeptAlive } from './keep-alive.ts';
import { endInPieces, openOutbox, type StreamBounds } from './open-outbox.ts';
import { refusalHeaders } from './refuse.ts';
import { isRefusal, sessionReplyStatus } from './reply-status.ts';
import type { SessionStream } from './session-stream.ts';

export interface SessionReplyOptions {
  readonly exchange: HttpExchange;
  readonly keepAlive: KeepAlive;
  readonly gatekeeper: Gatekeeper;
  /** Headers to add, such as the id of a session that was just opened. */
  readonly headers?: ReplyHeaders;
  /** Whether an answer that is one message is JSON; otherwise every answer is a stream. */
  readonly prefersJson: boolean;
  readonly limits: StreamBounds;
  /** Makes the stream once it is needed. */
  openStream(): SessionStream;
}

/**
 * The answer to one POST of a session: JSON when the call said nothing before its result and the
 * client does not rather have streams, else a stream that a client can resume. The call goes on
 * when the connection breaks.
 */
export class SessionReply implements ReplyChannel, KeptAlive, PeerWatcher {
  place: number | undefined = undefined;
  tally: Tally | undefined = undefined;
  /** The answer to a batch, or to a request that is cancelled, is one that succeeded. */
  status = 200;
  readonly header: (name: string) => string | undefined;
  readonly #options: SessionReplyOptions;
  #stream: SessionStream | undefined;
  #burstWindowMs = 0;

  constructor(options: SessionReplyOptions) {
    this.#options = options;
    this.header = (name) => options.exchange.header(name);
    options.keepAlive.add(this);
    options.exchange.onGone(this);
  }

  push(message: string, policy: FramePolicy, owner?: object): Promise<void> | undefined {
    return this.#open().push(message, policy, owner);
  }

  flush(): void {
    this.#stream?.flush();
  }

  batchFor(burstWindowMs: number): void {
    this.#burstWindowMs = burstWindowMs;
    this.#stream?.batchFor(burstWindowMs);
  }

  suspendConnection(retryMs: number): void {
    this.#open().disconnect(retryMs);
  }

  end(message: string | undefined, failure?: StromError | WireError): void {
    const { exchange, keepAlive, gatekeeper, headers, prefersJson } = this.#options;
    keepAlive.delete(this);
    const isStream = message !== undefined && !prefersJson && !isRefusal(failure);
    if (this.#stream !== undefined || isStream) {
      this.#open().end(message);
    } else if (message === undefined) {
      // A cancelled request gets no message; the connection may still serve others.
      exchange.reply(200, { ...SSE_HEADERS, ...headers });
    } else {
      const extra = { ...headers, ...refusalHeaders(gatekeeper, failure) };
      this.status = sessionReplyStatus(failure);
      exchange.reply(this.status, { ...JSON_HEADERS, ...extra }, message);
    }
  }

  endInPieces(message: Pieces): void {
    const { exchange, keepAlive, headers, prefersJson, limits } = this.#options;
    keepAlive.delete(this);
    if (this.#stream === undefined && prefersJson) {
      const outbox = openOutbox(exchange, { headers: { ...JSON_HEADERS, ...headers }, limits });
      endInPieces(exchange, outbox, message);
    } else this.#open().endInPieces(message);
  }

  gone(): void {
    this.#options.keepAlive.delete(this);
  }

  /** A call that says nothing for a while gets its stream, so that the connection stays alive. */
  keepAlive(): void {
    this.#open();
  }

  #open(): SessionStream {
    if (this.#stream === undefined) {
      const { exchange, keepAlive, headers, openStream } = this.#options;
      keepAlive.delete(this);
      this.#stream = openStream();
      this.#stream.tally = this.tally;
      this.#stream.batchFor(this.#burstWindowMs);
      this.#stream.attach(exchange, headers && { headers });
    }
    return this.#stream;
  }
}
