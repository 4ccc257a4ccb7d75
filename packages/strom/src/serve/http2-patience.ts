/**
 * How long a client may take over HTTP/2, of which Node itself bounds nothing: connections on which
 * nothing is asked, and requests that do not arrive whole.
 *
 * @module
 */
import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** A client that was told to leave gets so long to do it. */
const LINGER_MS = 2_000;
const REQUEST_TIMEOUT = 408;
/** A request that is over its time gets that much more. */
const CHECKS_PER_TIMEOUT = 5;

export interface Patience {
  /** For a request to arrive whole; 0 for as long as it takes. */
  readonly requestTimeoutMs: number;
  /** For a connection on which nothing is asked. */
  readonly idleMs: number;
}

/** Ends what takes longer, on every connection of a server. */
export function limitHttp2(server: Http2SecureServer, patience: Patience): void {
  let socket: TLSSocket | undefined;
  // Node makes the session in the same event; a session does not give its socket away.
  server.prependListener('secureConnection', (connected: TLSSocket) => {
    socket = connected;
  });
  const arrivals = new Arrivals(patience.requestTimeoutMs);
  server.on('session', (session) => {
    limitSession(session, { socket, arrivals, idleMs: patience.idleMs });
    socket = undefined;
  });
  server.once('close', () => arrivals.stop());
}

interface SessionLimits {
  readonly socket: TLSSocket | undefined;
  readonly arrivals: Arrivals;
  readonly idleMs: number;
}

/** HTTP/2 knows no end of a connection that is not used. */
function limitSession(
  session: ServerHttp2Session,
  { socket, arrivals, idleMs }: SessionLimits,
): void {
  let open = 0;
  let idle: NodeJS.Timeout | undefined;
  const leave = (): void => {
    session.close();
    // It waits for the peer to close as well, or to finish a frame it has begun.
    idle = setTimeout(() => socket?.destroy(), LINGER_MS).unref();
  };
  const wait = (): void => {
    idle = setTimeout(leave, idleMs).unref();
  };
  // One for all streams of the session: there is one for every request.
  function closed(this: ServerHttp2Stream): void {
    arrivals.delete(this);
    open -= 1;
    if (open === 0 && !session.closed) wait();
  }
  session.on('stream', (stream) => {
    if (open === 0) clearTimeout(idle);
    open += 1;
    arrivals.add(stream);
    stream.on('close', closed);
  });
  socket?.once('close', () => clearTimeout(idle));
  wait();
}

/** Requests whose body is on its way; looked at now and then, as Node does it for HTTP/1.1. */
class Arrivals {
  readonly #timeoutMs: number;
  readonly #sinceMs = new Map<ServerHttp2Stream, number>();
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs - 0 for as long as it takes */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    if (timeoutMs === 0) return;
    this.#timer = setInterval(() => this.#look(), timeoutMs / CHECKS_PER_TIMEOUT).unref();
  }

  add(stream: ServerHttp2Stream): void {
    if (this.#timer === undefined || stream.endAfterHeaders) return;
    this.#sinceMs.set(stream, performance.now());
  }

  delete(stream: ServerHttp2Stream): void {
    this.#sinceMs.delete(stream);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const lateMs = performance.now() - this.#timeoutMs;
    for (const [stream, sinceMs] of this.#sinceMs) {
      // What has arrived and is not read is late on our side. Nothing can be said on a closed stream, which
      // is there for as long as somebody has not read it to its end.
      if (stream.closed || stream.state.remoteClose === 1) this.delete(stream);
      else if (sinceMs <= lateMs) refuse(stream);
    }
  }
}

function refuse(stream: ServerHttp2Stream): void {
  if (!stream.headersSent) stream.respond({ ':status': REQUEST_TIMEOUT }, { endStream: true });
  stream.close();
}
