import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { ANONYMOUS, type Principal } from '../../base/principal.ts';
import type { OutboxTarget } from '../../calls/outbox.ts';
import { NO_HEADERS } from '../../security/no-headers.ts';
import type { Forwarded } from '../../security/request-facts.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders, Report } from './exchange.ts';
import { bodyBrokenOff, bodyTooLarge, parsedBody, readIncoming } from './incoming-body.ts';
import { cutAnswer, type NodeAnswer, tellWhenGone } from './node-answer.ts';
import { type NodeHead, NodeReplyStream } from './node-reply-stream.ts';
import { pathOf, queryOf } from './request-target.ts';

/** The head of a request. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  /** Whether somebody, a framework perhaps, has read the body before us. */
  readonly readableEnded: boolean;
  /** What that has made of it. */
  readonly body?: unknown;
}

/** The ends of a connection, as Node tells them. */
interface SocketEnds {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly destroyed: boolean;
}

/**
 * Whether a connection was reset before anybody asked where it came from: from then on only its own end
 * can be told. Sockets in the file system have no address at either.
 */
export function hasLostPeer({ remoteAddress, localAddress, destroyed }: SocketEnds): boolean {
  return remoteAddress === undefined && (destroyed || localAddress !== undefined);
}

/** {@link HttpExchange} straight on Node: what HTTP/1.1 and HTTP/2 have in common. */
export abstract class NodeExchange implements HttpExchange, NodeHead {
  forwarded: Forwarded | undefined = undefined;
  principal: Principal = ANONYMOUS;
  commonHeaders: ReplyHeaders = NO_HEADERS;
  report: Report | undefined = undefined;
  protected streamHeaders: ReplyHeaders = NO_HEADERS;
  readonly #request: NodeRequest;
  readonly #answer: NodeAnswer;
  /** Kept, because Node looks for them anew each time it is asked. */
  readonly #received: IncomingHttpHeaders;

  constructor(request: NodeRequest, answer: NodeAnswer) {
    this.#request = request;
    this.#answer = answer;
    this.#received = request.headers;
  }

  abstract readonly localPort: number | undefined;
  abstract readonly isEncrypted: boolean;
  abstract readonly peerAddress: string | undefined;
  abstract readonly isPeerLost: boolean;
  /** Carries the body of the request. */
  protected abstract readonly incoming: Readable;
  abstract reply(status: number, headers: ReplyHeaders, body?: string): void;
  abstract startStream(text: string): Writable | undefined;

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
  }

  get path(): string {
    return pathOf(this.target);
  }

  get query(): URLSearchParams {
    return queryOf(this.target);
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  header(name: string): string | undefined {
    const headers = this.#received;
    const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
    return Array.isArray(value) ? value[0] : value;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request;
    // A body that has broken off says so no more; its peer may have gone while credentials were checked.
    if (this.#answer.destroyed && request.body === undefined) {
      return Promise.reject(bodyBrokenOff());
    }
    if (request.readableEnded) return parsedBody(request.body, maxBytes);
    if (Number(this.#received['content-length'] ?? 0) > maxBytes) {
      return Promise.reject(bodyTooLarge(maxBytes));
    }
    return this.readIncoming(maxBytes);
  }

  protected readIncoming(maxBytes: number): Promise<Uint8Array> {
    return readIncoming(this.incoming, { maxBytes });
  }

  open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget {
    this.streamHeaders = headers;
    return new NodeReplyStream(this.#answer, this, stallTimeoutMs);
  }

  replyWhole(text: string): void {
    this.reply(200, this.streamHeaders, text);
  }

  /** A stream may stay open for hours, and nobody asks for its headers again. */
  protected forgetHeaders(): void {
    this.commonHeaders = NO_HEADERS;
    this.streamHeaders = NO_HEADERS;
  }

  onGone(watcher: PeerWatcher): void {
    tellWhenGone(this.#answer, watcher);
  }

  abort(): void {
    cutAnswer(this.#answer);
  }
}
