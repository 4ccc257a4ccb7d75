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
  server.on('session', (session) => {
    closeWhenIdle(session, socket, patience.idleMs);
    socket = undefined;
    if (patience.requestTimeoutMs === 0) return;
    session.on('stream', (stream) => limitArrival(stream, patience.requestTimeoutMs));
  });
}

/** HTTP/2 knows no end of a connection that is not used. */
function closeWhenIdle(
  session: ServerHttp2Session,
  socket: TLSSocket | undefined,
  idleMs: number,
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
  session.on('stream', (stream) => {
    open += 1;
    clearTimeout(idle);
    stream.once('close', () => {
      open -= 1;
      if (open === 0 && !session.closed) wait();
    });
  });
  socket?.once('close', () => clearTimeout(idle));
  wait();
}

function limitArrival(stream: ServerHttp2Stream, timeoutMs: number): void {
  if (stream.endAfterHeaders) return;
  const timer = setTimeout(() => {
    // What has arrived and is not read is late on our side.
    if (stream.destroyed || stream.state.remoteClose === 1) return;
    if (!stream.headersSent) stream.respond({ ':status': REQUEST_TIMEOUT }, { endStream: true });
    stream.close();
  }, timeoutMs).unref();
  const arrived = (): void => clearTimeout(timer);
  stream.once('end', arrived);
  stream.once('close', arrived);
}
