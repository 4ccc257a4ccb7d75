import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ANONYMOUS, type Principal } from '../../base/principal.ts';
import type { OutboxTarget } from '../../calls/outbox.ts';
import { NO_HEADERS } from '../../security/no-headers.ts';
import type { Forwarded } from '../../security/request-facts.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders, Report } from './exchange.ts';
import { bodyTooLarge, parsedBody, readIncoming } from './incoming-body.ts';
import { sendInRow } from './node-answer-row.ts';
import { type NodeHead, NodeReplyStream, tellWhenGone } from './node-reply-stream.ts';
import { pathOf, queryOf } from './request-target.ts';

/** A request whose body a framework has read and parsed before us. */
interface ParsedRequest extends IncomingMessage {
  body?: unknown;
}

/** What is known of a request that another process took and handed on. */
export interface HandedOver {
  /** Whether it came there over TLS. */
  readonly isEncrypted: boolean;
  /** The address it came from. */
  readonly peerAddress: string | undefined;
}

/** @returns whether the other process takes the request */
export type HandOver = (
  request: IncomingMessage,
  response: ServerResponse,
  holder: string,
) => boolean;

const raw = new WeakMap<ReplyHeaders, readonly string[]>();

/** As name, value, name, value; most answers have the same, and an object for each costs a tenth. */
function rawHeadersOf(headers: ReplyHeaders): readonly string[] {
  let known = raw.get(headers);
  if (known === undefined) {
    known = Object.entries(headers).flat();
    raw.set(headers, known);
  }
  return known;
}

/** {@link HttpExchange} straight on `node:http`; the hot path of the library. */
export class NodeExchange implements HttpExchange, NodeHead {
  readonly #request: ParsedRequest;
  readonly #response: ServerResponse;
  readonly #handedOver: HandedOver | undefined;
  /** Kept, because Node looks for them anew each time it is asked. */
  readonly #received: IncomingHttpHeaders;
  forwarded: Forwarded | undefined = undefined;
  principal: Principal = ANONYMOUS;
  commonHeaders: ReplyHeaders = NO_HEADERS;
  report: Report | undefined = undefined;
  /** Hands a request to the process of that name; set where there are others. */
  handOver: HandOver | undefined = undefined;
  #headers: ReplyHeaders = NO_HEADERS;

  /** @param handedOver - given where another process took the request before us */
  constructor(request: IncomingMessage, response: ServerResponse, handedOver?: HandedOver) {
    this.#request = request;
    this.#response = response;
    this.#handedOver = handedOver;
    this.#received = request.headers;
  }

  passTo(holder: string): boolean {
    return this.handOver?.(this.#request, this.#response, holder) === true;
  }

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

  get localPort(): number | undefined {
    return this.#request.socket.localPort;
  }

  get isEncrypted(): boolean {
    if (this.forwarded?.isEncrypted !== undefined) return this.forwarded.isEncrypted;
    return this.#handedOver?.isEncrypted ?? 'encrypted' in this.#request.socket;
  }

  get peerAddress(): string | undefined {
    if (this.#handedOver !== undefined) return this.#handedOver.peerAddress;
    return this.#request.socket.remoteAddress;
  }

  header(name: string): string | undefined {
    const value = this.#received[name];
    return Array.isArray(value) ? value[0] : value;
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request;
    if (request.readableEnded) return parsedBody(request.body, maxBytes);
    if (Number(this.#received['content-length'] ?? 0) > maxBytes) {
      return Promise.reject(bodyTooLarge(maxBytes));
    }
    return readIncoming(request, maxBytes);
  }

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    const response = this.#response;
    if (response.headersSent) return;
    const length = String(Buffer.byteLength(body));
    const all = rawHeadersOf(this.commonHeaders).concat(rawHeadersOf(headers));
    all.push('content-length', length);
    response.writeHead(status, all);
    sendInRow(response, body);
  }

  open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget {
    this.#headers = headers;
    return new NodeReplyStream(this.#response, this, stallTimeoutMs);
  }

  startStream(text: string): boolean {
    const response = this.#response;
    const { socket } = response;
    response.writeHead(200, { ...this.commonHeaders, ...this.#headers });
    // Head and text are two chunks of one write: a head sent by itself is kept as one flat string,
    // one with text behind it as the dozens of pieces it was built from.
    socket?.cork();
    response.flushHeaders();
    const keepsUp = response.write(text);
    socket?.uncork();
    // The stream may stay open for hours; nobody asks for these again.
    this.commonHeaders = NO_HEADERS;
    this.#headers = NO_HEADERS;
    return keepsUp;
  }

  replyWhole(text: string): void {
    this.reply(200, this.#headers, text);
  }

  onGone(watcher: PeerWatcher): void {
    tellWhenGone(this.#response, watcher);
  }

  abort(): void {
    this.#response.destroy();
  }
}
