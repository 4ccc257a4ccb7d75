/**
 * How long a client may take over HTTP/2, of which Node itself bounds nothing: connections on which
 * nothing is asked, requests that do not arrive whole, answers that are not taken, and clients that have gone.
 *
 * @module
 */
import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../base/clock.ts';
import { Silence } from './http2-silence.ts';
import { cutUntaken } from './untaken-answers.ts';

/** A client that was told to leave gets so long to do it. */
const LINGER_MS = 2_000;
const REQUEST_TIMEOUT = 408;
/** What is over its time gets that much more. */
const CHECKS_PER_TIMEOUT = 5;
const MAX_PERIOD_MS = 60_000;
/** In place of a time: nothing of the request is waited for. */
const ARRIVED = Number.POSITIVE_INFINITY;

export interface Patience {
  /** For a request to arrive whole; 0 for as long as it takes. */
  readonly requestTimeoutMs: number;
  /** For a connection on which nothing is asked. */
  readonly idleMs: number;
  /** For a reader that takes nothing of an answer, or gives no sign of life; 0 for as long as it takes. */
  readonly stallTimeoutMs: number;
  readonly clock: Clock;
}

/** Ends what takes longer, on every connection of a server. */
export function limitHttp2(server: Http2SecureServer, patience: Patience): void {
  let socket: TLSSocket | undefined;
  // Node makes the session in the same event; a session does not give its socket away.
  server.prependListener('secureConnection', (connected: TLSSocket) => {
    socket = connected;
  });
  const exchanges = new Exchanges(patience);
  const silence = new Silence(patience);
  server.on('session', (session) => {
    limitSession(session, { socket, exchanges, idleMs: patience.idleMs });
    if (socket !== undefined) silence.watch(session, socket);
    socket = undefined;
  });
  server.once('close', () => {
    exchanges.stop();
    silence.stop();
  });
}

interface SessionLimits {
  readonly socket: TLSSocket | undefined;
  readonly exchanges: Exchanges;
  readonly idleMs: number;
}

/** HTTP/2 knows no end of a connection that is not used. */
function limitSession(
  session: ServerHttp2Session,
  { socket, exchanges, idleMs }: SessionLimits,
): void {
  let open = 0;
  let idle: NodeJS.Timeout | undefined;
  const leave = (): void => {
    session.close();
    // It waits for the peer to close as well, or to finish a frame it has begun.
    idle = setTimeout(() => socket?.destroy(), LINGER_MS).unref();
  };
  const wait = (): void => {
    if (idleMs > 0) idle = setTimeout(leave, idleMs).unref();
  };
  // One for all streams of the session: there is one for every request.
  function closed(this: ServerHttp2Stream): void {
    exchanges.delete(this);
    open -= 1;
    if (open === 0 && !session.closed) wait();
  }
  session.on('stream', (stream) => {
    if (open === 0) clearTimeout(idle);
    open += 1;
    exchanges.add(stream);
    stream.on('close', closed);
  });
  socket?.once('close', () => clearTimeout(idle));
  wait();
}

/** Requests that are on their way, and their answers; looked at now and then, as Node does it for HTTP/1.1. */
class Exchanges {
  readonly #requestTimeoutMs: number;
  readonly #sinceMs = new Map<ServerHttp2Stream, number>();
  readonly #looks: readonly (Timer | undefined)[];

  constructor({ requestTimeoutMs, stallTimeoutMs, clock }: Patience) {
    this.#requestTimeoutMs = requestTimeoutMs;
    const timeoutsMs = [requestTimeoutMs, stallTimeoutMs].filter((ms) => ms > 0);
    const periodMs = Math.min(MAX_PERIOD_MS, Math.min(...timeoutsMs) / CHECKS_PER_TIMEOUT);
    const open = { [Symbol.iterator]: () => this.#sinceMs.keys() };
    this.#looks = [
      clock.every(periodMs, () => this.#look()),
      cutUntaken(open, { stallTimeoutMs, clock }),
    ];
  }

  add(stream: ServerHttp2Stream): void {
    this.#sinceMs.set(stream, performance.now());
  }

  delete(stream: ServerHttp2Stream): void {
    this.#sinceMs.delete(stream);
  }

  stop(): void {
    for (const look of this.#looks) look?.cancel();
  }

  #look(): void {
    const requestTimeoutMs = this.#requestTimeoutMs;
    const lateMs = requestTimeoutMs > 0 ? performance.now() - requestTimeoutMs : 0;
    for (const [stream, sinceMs] of this.#sinceMs) {
      // Nothing can be said on a closed stream, which is there for as long as somebody has not read it to
      // its end.
      if (stream.closed) stream.destroy();
      else if (sinceMs === ARRIVED) continue;
      else if (stream.state.remoteClose === 1) this.#sinceMs.set(stream, ARRIVED);
      else if (sinceMs <= lateMs) refuse(stream);
    }
  }
}

function refuse(stream: ServerHttp2Stream): void {
  if (!stream.headersSent) stream.respond({ ':status': REQUEST_TIMEOUT }, { endStream: true });
  stream.close();
}
