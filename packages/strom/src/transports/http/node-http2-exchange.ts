import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Writable } from 'node:stream';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import { readIncoming } from './incoming-body.ts';
import { hasLostPeer, NodeExchange, type NodeRequest } from './node-exchange.ts';

const lasting = new WeakMap<ReplyHeaders, ReplyHeaders>();

/** HTTP/2 has no headers about the connection; it ends connections in frames of its own. */
function lastingHeadersOf(headers: ReplyHeaders): ReplyHeaders {
  let rest = lasting.get(headers);
  if (rest === undefined) {
    const { connection: _none, ...others } = headers;
    rest = others;
    lasting.set(headers, rest);
  }
  return rest;
}

/** The ends of a connection. */
interface Ends {
  readonly localPort: number | undefined;
  readonly peerAddress: string | undefined;
  readonly isPeerLost: boolean;
  readonly isEncrypted: boolean;
}

const known = new WeakMap<Http2Session, Ends>();
/** Of a stream that its peer has taken back already. */
const NO_ENDS: Ends = {
  localPort: undefined,
  peerAddress: undefined,
  isPeerLost: true,
  isEncrypted: false,
};

/** Asked for once a connection: a session guards its socket with a proxy, which is slow. */
function endsOf(session: Http2Session | undefined): Ends {
  if (session === undefined) return NO_ENDS;
  let ends = known.get(session);
  if (ends === undefined) {
    const { socket } = session;
    const { localPort, remoteAddress: peerAddress } = socket;
    const isPeerLost = hasLostPeer(socket);
    ends = { localPort, peerAddress, isPeerLost, isEncrypted: session.encrypted === true };
    known.set(session, ends);
  }
  return ends;
}

/** A request in HTTP/2 and its answer, on its stream. */
export class NodeHttp2Exchange extends NodeExchange {
  readonly passTo: HttpExchange['passTo'];
  protected readonly incoming: ServerHttp2Stream;

  constructor(request: NodeRequest, stream: ServerHttp2Stream, passTo?: HttpExchange['passTo']) {
    super(request, stream);
    this.incoming = stream;
    this.passTo = passTo;
  }

  get localPort(): number | undefined {
    return endsOf(this.incoming.session).localPort;
  }

  get isEncrypted(): boolean {
    return this.forwarded?.isEncrypted ?? endsOf(this.incoming.session).isEncrypted;
  }

  get peerAddress(): string | undefined {
    return endsOf(this.incoming.session).peerAddress;
  }

  get isPeerLost(): boolean {
    return endsOf(this.incoming.session).isPeerLost;
  }

  /**
   * A body that is longer or shorter than it says is an error of its stream. A stream that is taken back
   * without an error ends as if its body were whole.
   */
  protected override readIncoming(maxBytes: number): Promise<Uint8Array> {
    const stream = this.incoming;
    const length = Number(this.header('content-length'));
    const onWhole = (): void => leaveByteUnread(stream);
    return readIncoming(stream, { maxBytes, length, onWhole, isTakenBack: () => isOver(stream) });
  }

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    const stream = this.incoming;
    if (stream.headersSent || isOver(stream)) return;
    this.#respond(status, headers, String(Buffer.byteLength(body)));
    // An answer that has no body by its status or method is over with its headers.
    if (!stream.writableEnded) stream.end(body);
    // What is left of a request that is not read to its end is not to be sent any more.
    if (headers['connection'] === 'close') stream.close();
  }

  startStream(text: string): Writable | undefined {
    const stream = this.incoming;
    if (isOver(stream)) return undefined;
    this.#respond(200, this.streamHeaders);
    this.forgetHeaders();
    return stream.write(text) ? undefined : stream;
  }

  #respond(status: number, headers: ReplyHeaders, length?: string): void {
    this.incoming.respond({
      ':status': status,
      ...this.commonHeaders,
      ...lastingHeadersOf(headers),
      ...(length !== undefined && { 'content-length': length }),
    });
  }
}

const ANY_BYTE = Buffer.alloc(1);

/**
 * Keeps a request from being read to its end before its answer has left. Otherwise Node is done with the
 * stream before it hears that the answer was written, and makes up an error for nobody to read: a tenth
 * of a short call.
 */
function leaveByteUnread(stream: ServerHttp2Stream): void {
  stream.pause();
  stream.unshift(ANY_BYTE);
  stream.on('finish', readToEnd).on('aborted', endSoon);
}

function readToEnd(this: ServerHttp2Stream): void {
  this.resume();
}

/** Node itself ends a stream that its peer has taken back, unless something of it is left to read. */
function endSoon(this: ServerHttp2Stream): void {
  process.nextTick(() => this.destroy());
}

/** Whether the peer has taken its stream back; nothing can be said on it any more. */
function isOver(stream: ServerHttp2Stream): boolean {
  return stream.closed || stream.destroyed;
}
