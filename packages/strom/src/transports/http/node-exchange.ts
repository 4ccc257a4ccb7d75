import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ANONYMOUS, type Principal } from '../../base/principal.ts';
import type { Drainable, OutboxTarget } from '../../calls/outbox.ts';
import { NO_HEADERS } from '../../security/no-headers.ts';
import type { Forwarded } from '../../security/request-facts.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders, Report } from './exchange.ts';
import { bodyTooLarge, parsedBody, readIncoming } from './incoming-body.ts';
import { sendInRow } from './node-answer-row.ts';

/** Gives targets that are no path a form to read their path from. */
const BASE = 'http://localhost';

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
export class NodeExchange implements HttpExchange, OutboxTarget {
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
  #stallTimeoutMs = 0;

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
    const { target } = this;
    const query = target.indexOf('?');
    const path = query === -1 ? target : target.slice(0, query);
    if (path.startsWith('/')) return path;
    return URL.canParse(path, BASE) ? new URL(path, BASE).pathname : path;
  }

  get query(): URLSearchParams {
    const query = this.target.indexOf('?');
    return new URLSearchParams(query === -1 ? '' : this.target.slice(query + 1));
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
    return readIncoming(request, maxBytes);
  }

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    const response = this.#response;
    if (response.headersSent) return;
    const length = String(Buffer.byteLength(body));
    if (this.#isHttp2) {
      // HTTP/2 has no headers about the connection; it ends connections in frames of its own.
      const { connection: _unknown, ...known } = headers;
      response.writeHead(status, { ...this.commonHeaders, ...known, 'content-length': length });
      response.end(body);
      return;
    }
    const all = rawHeadersOf(this.commonHeaders).concat(rawHeadersOf(headers));
    all.push('content-length', length);
    response.writeHead(status, all);
    sendInRow(response, body);
  }

  get #isHttp2(): boolean {
    return this.#request.httpVersionMajor >= 2;
  }

  open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget {
    this.#headers = headers;
    this.#stallTimeoutMs = stallTimeoutMs;
    return this;
  }

  write(text: string, source: Drainable): boolean {
    const response = this.#response;
    const keepsUp = response.headersSent ? response.write(text) : this.#startStream(text);
    if (!keepsUp) this.#awaitDrain(source);
    return keepsUp;
  }

  #startStream(text: string): boolean {
    const response = this.#response;
    const { socket } = response;
    response.writeHead(200, { ...this.commonHeaders, ...this.#headers });
    // Head and text are two chunks of one write: a head sent by itself is kept as one flat string,
    // one with text behind it as the dozens of pieces it was built from.
    if (!this.#isHttp2) {
      socket?.cork();
      response.flushHeaders();
    }
    const keepsUp = response.write(text);
    if (!this.#isHttp2) socket?.uncork();
    // The stream may stay open for hours; nobody asks for these again.
    this.commonHeaders = NO_HEADERS;
    this.#headers = NO_HEADERS;
    return keepsUp;
  }

  /** Listens only while the reader is behind: of thousands of open streams most never are. */
  #awaitDrain(source: Drainable): void {
    const response = this.#response;
    const cut = (): void => void response.destroy();
    response.on('timeout', cut);
    // A socket timeout counts bytes the kernel takes, so a slow reader is not a stalled one.
    response.setTimeout(this.#stallTimeoutMs);
    response.once('drain', () => {
      response.off('timeout', cut);
      response.setTimeout(0);
      source.drained();
    });
  }

  end(text: string, more?: Iterable<string>): void {
    if (more !== undefined) this.#endInPieces(text, more[Symbol.iterator]());
    else if (this.#response.headersSent) this.#response.end(text);
    else this.reply(200, this.#headers, text);
  }

  /** Makes the next piece when the reader has taken the last: no two of them are in memory. */
  #endInPieces(text: string, more: Iterator<string>): void {
    const response = this.#response;
    const goOn = { drained: (): void => this.#endInPieces('', more) };
    if (text !== '' && !this.write(text, goOn)) return;
    for (let next = more.next(); next.done !== true; next = more.next()) {
      if (!this.write(next.value, goOn)) return;
    }
    response.end();
  }

  onGone(watcher: PeerWatcher): void {
    const response = this.#response;
    const tell = (): void => {
      if (!response.writableFinished) watcher.gone();
    };
    // An event that has passed does not come again; the peer may have gone while we waited.
    if (response.destroyed) tell();
    // It closes once; `once` would keep three more objects for as long as the stream is open.
    else response.on('close', tell);
  }

  abort(): void {
    this.#response.destroy();
  }
}
