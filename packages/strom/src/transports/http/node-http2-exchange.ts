import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  Http2Session,
  IncomingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';
import { ANONYMOUS, type Principal } from '../../base/principal.ts';
import type { OutboxTarget } from '../../calls/outbox.ts';
import { NO_HEADERS } from '../../security/no-headers.ts';
import type { Forwarded } from '../../security/request-facts.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders, Report } from './exchange.ts';
import { bodyTooLarge, parsedBody, readIncoming } from './incoming-body.ts';
import type { HandOver } from './node-exchange.ts';
import { type NodeHead, NodeReplyStream, tellWhenGone } from './node-reply-stream.ts';
import { pathOf, queryOf } from './request-target.ts';

/** A request whose body a framework has read and parsed before us. */
interface ParsedRequest extends Http2ServerRequest {
  body?: unknown;
}

/** The ends of a connection. */
interface Ends {
  readonly localPort: number | undefined;
  readonly peerAddress: string | undefined;
  readonly isEncrypted: boolean;
}

const known = new WeakMap<Http2Session, Ends>();
const NO_ENDS: Ends = { localPort: undefined, peerAddress: undefined, isEncrypted: false };

/** Asked for once a connection: a session guards its socket with a proxy, which is slow. */
function endsOf(session: Http2Session | undefined): Ends {
  if (session === undefined) return NO_ENDS;
  let ends = known.get(session);
  if (ends === undefined) {
    const { localPort, remoteAddress: peerAddress } = session.socket;
    ends = { localPort, peerAddress, isEncrypted: session.encrypted === true };
    known.set(session, ends);
  }
  return ends;
}

/**
 * {@link HttpExchange} on a stream of `node:http2`. Node's compatibility layer gives such a request the
 * shape of HTTP/1.1; what it puts around every body and answer is gone past here.
 */
export class NodeHttp2Exchange implements HttpExchange, NodeHead {
  readonly #request: ParsedRequest;
  readonly #response: Http2ServerResponse;
  readonly #stream: ServerHttp2Stream;
  readonly #received: IncomingHttpHeaders;
  forwarded: Forwarded | undefined = undefined;
  principal: Principal = ANONYMOUS;
  commonHeaders: ReplyHeaders = NO_HEADERS;
  report: Report | undefined = undefined;
  /** Hands a request to the process of that name; set where there are others. */
  handOver: HandOver | undefined = undefined;
  #headers: ReplyHeaders = NO_HEADERS;

  constructor(request: Http2ServerRequest, response: Http2ServerResponse) {
    this.#request = request;
    this.#response = response;
    this.#stream = response.stream;
    this.#received = request.headers;
  }

  passTo(holder: string): boolean {
    const request = this.#request as unknown as IncomingMessage;
    const response = this.#response as unknown as ServerResponse;
    return this.handOver?.(request, response, holder) === true;
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#request.url;
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

  get localPort(): number | undefined {
    return endsOf(this.#stream.session).localPort;
  }

  get isEncrypted(): boolean {
    return this.forwarded?.isEncrypted ?? endsOf(this.#stream.session).isEncrypted;
  }

  get peerAddress(): string | undefined {
    return endsOf(this.#stream.session).peerAddress;
  }

  header(name: string): string | undefined {
    const headers = this.#received;
    const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
    return Array.isArray(value) ? value[0] : value;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request;
    if (request.readableEnded) return parsedBody(request.body, maxBytes);
    if (Number(this.#received['content-length'] ?? 0) > maxBytes) {
      return Promise.reject(bodyTooLarge(maxBytes));
    }
    return readIncoming(this.#stream, maxBytes);
  }

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    const stream = this.#stream;
    if (stream.headersSent || isOver(stream)) return;
    this.#respond(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    // An answer that has no body by its status or method is over with its headers.
    if (!stream.writableEnded) stream.end(body);
  }

  /** HTTP/2 has no headers about the connection; it ends connections in frames of its own. */
  #respond(status: number, { connection: _none, ...headers }: ReplyHeaders): void {
    this.#stream.respond({ ':status': status, ...this.commonHeaders, ...headers });
  }

  open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget {
    this.#headers = headers;
    return new NodeReplyStream(this.#stream, this, stallTimeoutMs);
  }

  startStream(text: string): boolean {
    const stream = this.#stream;
    if (isOver(stream)) return true;
    this.#respond(200, this.#headers);
    // The stream may stay open for hours; nobody asks for these again.
    this.commonHeaders = NO_HEADERS;
    this.#headers = NO_HEADERS;
    return stream.write(text);
  }

  replyWhole(text: string): void {
    this.reply(200, this.#headers, text);
  }

  onGone(watcher: PeerWatcher): void {
    tellWhenGone(this.#stream, watcher);
  }

  abort(): void {
    this.#response.destroy();
  }
}

/** Whether the peer has taken its stream back; nothing can be said on it any more. */
function isOver(stream: ServerHttp2Stream): boolean {
  return stream.closed || stream.destroyed;
}
