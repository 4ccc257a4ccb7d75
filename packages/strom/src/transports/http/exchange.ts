import type { Principal } from '../../base/principal.ts';
import type { StromError } from '../../base/strom-error.ts';
import type { ClientName } from '../../calls/observer.ts';
import type { OutboxTarget } from '../../calls/outbox.ts';
import type { Forwarded, RequestFacts } from '../../security/request-facts.ts';

export type ReplyHeaders = Readonly<Record<string, string>>;

/** Who is told that the peer has gone. */
export interface PeerWatcher {
  gone(): void;
}

/** Watches one HTTP request. */
export interface Report {
  /** By which everything that is written about the request is found; made when first asked for. */
  correlation(): string;
  (status: number, about?: Reported): void;
}

/** What is known of a request that was no call. */
export interface Reported {
  /** The method of the protocol, or a word for what it was. Default: the method of HTTP. */
  readonly what?: string | undefined;
  readonly error?: StromError | undefined;
  /** The date of the revision. Default: the one that stands in the header. */
  readonly revision?: string | undefined;
  readonly client?: ClientName | undefined;
  /** Of the answer. Default 0. */
  readonly bytes?: number | undefined;
}

/**
 * One HTTP request and its response, as the endpoints see them. Implemented over `node:http` (the
 * fast path) and over web-standard `Request` and `Response`.
 */
export interface HttpExchange extends RequestFacts {
  /** The path of the target, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The address at the other end of the connection, as the host spells it. */
  readonly peerAddress: string | undefined;
  /** Whether the other end was gone before its address could be asked for. */
  readonly isPeerLost?: boolean;
  /** Set by the host where a trusted proxy has spoken. */
  forwarded: Forwarded | undefined;
  /** Who asks; set once by the host, before any endpoint sees the exchange. */
  principal: Principal;
  /** Headers that every answer of this exchange carries; set by the host as well. */
  commonHeaders: ReplyHeaders;
  /** Reports how the request was answered if it was no call; set by the host if anybody watches. */
  report: Report | undefined;
  /**
   * Reads the whole body.
   *
   * @throws {StromError} `ERR_BODY_TOO_LARGE`; `ERR_PEER_GONE` when the body breaks off
   */
  readBody(maxBytes: number): Promise<Uint8Array>;
  /** Answers with a complete body. */
  reply(status: number, headers: ReplyHeaders, body?: string): void;
  /**
   * Starts a streamed answer. The head leaves with the first write; an end that comes first makes
   * it a plain answer with a length.
   *
   * @param stallTimeoutMs - a reader that takes nothing for so long while something waits for it is
   * cut off
   */
  open(headers: ReplyHeaders, stallTimeoutMs: number): OutboxTarget;
  /** Tells `watcher` once if the peer goes away, or has gone, before the answer is complete. */
  onGone(watcher: PeerWatcher): void;
  /**
   * Gives the request to another process that serves the same, where there are any; nothing may
   * have been read of its body.
   *
   * @returns whether that process answers it
   */
  readonly passTo?: ((holder: string) => boolean) | undefined;
  /** Drops the connection without an answer. */
  abort(): void;
}
