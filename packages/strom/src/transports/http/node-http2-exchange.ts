import type {
  Http2ServerRequest,
  Http2ServerResponse,
  Http2Session,
  ServerHttp2Stream,
} from 'node:http2';
import type { ReplyHeaders } from './exchange.ts';
import { NodeExchange } from './node-exchange.ts';

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
 * A request in HTTP/2 and its answer. Node's compatibility layer gives it the shape of HTTP/1.1; what
 * that puts around every body and answer is gone past here.
 */
export class NodeHttp2Exchange extends NodeExchange {
  protected readonly incoming: ServerHttp2Stream;

  constructor(request: Http2ServerRequest, response: Http2ServerResponse) {
    super(request, response.stream);
    this.incoming = response.stream;
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

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    const stream = this.incoming;
    if (stream.headersSent || isOver(stream)) return;
    this.#respond(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    // An answer that has no body by its status or method is over with its headers.
    if (!stream.writableEnded) stream.end(body);
    // What is left of a request that is not read to its end is not to be sent any more.
    if (headers['connection'] === 'close') stream.close();
  }

  startStream(text: string): boolean {
    const stream = this.incoming;
    if (isOver(stream)) return true;
    this.#respond(200, this.streamHeaders);
    this.forgetHeaders();
    return stream.write(text);
  }

  /** HTTP/2 has no headers about the connection; it ends connections in frames of its own. */
  #respond(status: number, { connection: _none, ...headers }: ReplyHeaders): void {
    this.incoming.respond({ ':status': status, ...this.commonHeaders, ...headers });
  }
}

/** Whether the peer has taken its stream back; nothing can be said on it any more. */
function isOver(stream: ServerHttp2Stream): boolean {
  return stream.closed || stream.destroyed;
}
