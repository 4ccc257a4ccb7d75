/**
 * What somebody who watches a server is told. Transports report here; nothing of it reaches a tool,
 * and a server nobody watches does none of it.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import type { StromError } from '../base/strom-error.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { ClientFacts } from '../protocol/operation.ts';
import type { QueueGauge } from './queue-gauge.ts';
import type { Tally } from './tally.ts';

/** How a request came: the two forms of MCP over HTTP, plain HTTP, or standard streams. */
export type WireName = 'streamable-http' | 'http-sse' | 'plain-http' | 'stdio';

/** A request that is to be answered with one outcome. */
export interface WatchedRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly client: ClientFacts;
  readonly principal: Principal;
  /** The date of the protocol revision; `undefined` where none is spoken. */
  readonly revision: string | undefined;
  /** The id of the request as JSON text, where it has one. */
  readonly idText?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Reads a header that came with the request, where the transport has headers. */
  readonly header?: HeaderReader | undefined;
}

/** @param name - in lower case */
export type HeaderReader = (name: string) => string | undefined;

/** How a request ended; `abandoned` when nobody was to be told any more. */
export type CallEnd = Outcome | { readonly kind: 'abandoned'; readonly reason: StromError };

export interface CallWatch {
  /** Counts the messages of the call. */
  readonly tally: Tally;
  /** By which everything that is written about the request is found; made when first read. */
  readonly correlation: string;
  /** Runs the work of the call where spans made meanwhile find their parent; absent without traces. */
  within?<Result>(work: () => Result): Result;
  /**
   * To be called once.
   *
   * @param status - the status of HTTP the answer had, where it had one
   */
  ended(end: CallEnd, status?: number): void;
}

/** Watches what comes over a transport. */
export interface Observe {
  /** Watches one more request. */
  (request: WatchedRequest): CallWatch;
  /**
   * Takes down a message that was refused before it became a request.
   */
  refused(error: StromError, principal: Principal, message?: RefusedMessage): void;
}

/** What is known of a message that was refused. */
export interface RefusedMessage
  extends Pick<ServedRequest, 'status' | 'revision' | 'client' | 'bytes'> {
  /** The method of the protocol, where the message has one. */
  readonly method?: string | undefined;
}

/** What was answered without becoming a call. */
export interface ServedRequest {
  readonly wire: WireName;
  /** What was asked for: a method of HTTP, or of the protocol, and no more than that. */
  readonly what: string;
  /** The status of HTTP; absent where the transport has none. */
  readonly status?: number | undefined;
  readonly principal: Principal;
  readonly durationMs: number;
  readonly correlation: string;
  readonly error?: StromError | undefined;
  /** The date of the protocol revision, where the request tells it. */
  readonly revision?: string | undefined;
  /** What the client says of itself, where it has said it. */
  readonly client?: ClientName | undefined;
  /** Of the answer. Default 0. */
  readonly bytes?: number | undefined;
}

export type ClientName = Pick<ClientFacts, 'name' | 'version'>;

/** What is open at this moment. */
export interface OpenThings {
  readonly streams: number;
  readonly sessions: number;
  /** Connections over HTTP+SSE so far, by the name clients give themselves. */
  readonly legacyUses: readonly { readonly clientName: string; readonly connections: number }[];
  /** Tasks by their phase, where the server keeps any. */
  readonly tasks?: TaskCounts | undefined;
  /** When the certificate the server shows ends, in milliseconds since the epoch; absent without TLS. */
  readonly certificateEndsAtMs?: number | undefined;
}

export interface TaskCounts {
  readonly byPhase: Readonly<Record<string, number>>;
  /** Whether every process of the server counts the same tasks. */
  readonly isShared: boolean;
}

/** What one process has counted, as plain data, so that it can be told to another. */
export type MetricsSnapshot = readonly object[];

export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

export interface Observer {
  /** By which everything that is written about an HTTP request is found. */
  correlationOf(header: HeaderReader): string;
  /** What waits in all streams together. */
  readonly queue: QueueGauge;
  over(wire: WireName): Observe;
  served(request: ServedRequest): void;
  /** Everything counted so far. */
  metricsSnapshot(open: OpenThings): Promise<MetricsSnapshot>;
  /** What several processes have counted, added up, in the form Prometheus reads. */
  metricsPage(snapshots: readonly MetricsSnapshot[]): Promise<MetricsPage>;
  /** Ends what watches the process. */
  close(): void;
}
