import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { OutboxTarget } from '../../calls/outbox.ts';
import type { ReplyHeaders } from './exchange.ts';
import { sendInRow } from './node-answer-row.ts';
import { writeChunk } from './node-chunk.ts';
import { hasLostPeer, NodeExchange } from './node-exchange.ts';

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

/**
 * Where a request in HTTP/1.1 came from, and where it may go, when processes share the work. A closure over
 * the request in its place made a busy worker collect garbage for three times as long.
 */
export interface Passage {
  /** Given where another process took the request before us. */
  readonly handedOver?: HandedOver | undefined;
  /** Hands the request to the process of that name. */
  readonly handOver?: HandOver | undefined;
}

const NOWHERE: Passage = {};

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

/** A request in HTTP/1.1 and its answer; the hot path of the library. */
export class NodeHttp1Exchange extends NodeExchange {
  protected readonly incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #handedOver: HandedOver | undefined;
  readonly #handOver: HandOver | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { handedOver, handOver }: Passage = NOWHERE,
  ) {
    super(request, response);
    this.incoming = request;
    this.#response = response;
    this.#handedOver = handedOver;
    this.#handOver = handOver;
  }

  get localPort(): number | undefined {
    return this.incoming.socket.localPort;
  }

  get isEncrypted(): boolean {
    if (this.forwarded?.isEncrypted !== undefined) return this.forwarded.isEncrypted;
    return this.#handedOver?.isEncrypted ?? 'encrypted' in this.incoming.socket;
  }

  get peerAddress(): string | undefined {
    if (this.#handedOver !== undefined) return this.#handedOver.peerAddress;
    return this.incoming.socket.remoteAddress;
  }

  get isPeerLost(): boolean {
    return this.#handedOver === undefined && hasLostPeer(this.incoming.socket);
  }

  passTo(holder: string): boolean {
    return this.#handOver?.(this.incoming, this.#response, holder) === true;
  }

  /** The client is the other process's to wait for, which closes the connection when it has gone. */
  override open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget {
    return super.open(headers, this.#handedOver === undefined ? stallTimeoutMs : 0);
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

  startStream(text: string): Writable | undefined {
    const response = this.#response;
    const { socket } = response;
    response.writeHead(200, { ...this.commonHeaders, ...this.streamHeaders });
    // Head and text are two chunks of one write: a head sent by itself is kept as one flat string,
    // one with text behind it as the dozens of pieces it was built from.
    socket?.cork();
    response.flushHeaders();
    const behind = writeChunk(response, text);
    socket?.uncork();
    this.forgetHeaders();
    return behind;
  }
}
