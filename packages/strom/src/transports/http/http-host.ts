/**
 * Everything a server answers over HTTP, whatever carries the requests: checks first, then routes.
 *
 * @module
 */

import { CallerQuota } from '../../base/caller-quota.ts';
import { checkLimits } from '../../base/check-limits.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { asStromError, publicError, type StromError } from '../../base/strom-error.ts';
import { withDefaults } from '../../base/with-defaults.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import type { MetricsSnapshot, Observer, OpenThings, TaskCounts } from '../../calls/observer.ts';
import { DEFAULT_OUTBOX_LIMITS } from '../../calls/outbox.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import { checkHeaders } from '../../security/check-headers.ts';
import {
  checkHost,
  compileHostPolicy,
  type HostPolicy,
  type HostRules,
} from '../../security/check-host.ts';
import { CommonHeaders } from '../../security/common-headers.ts';
import { isPreflight, preflightHeaders } from '../../security/cors.ts';
import { Gatekeeper } from '../../security/gatekeeper.ts';
import { checkPath, parsePublicUrl } from '../../security/public-url.ts';
import { StrictTransport } from '../../security/strict-transport.ts';
import type { ProcessWatch } from '../../session/process-lease.ts';
import type { SessionStore } from '../../session/session-store.ts';
import type { HttpExchange } from './exchange.ts';
import type { HttpContext, SessionContext } from './http-context.ts';
import type { HttpSession } from './http-session.ts';
import { KeepAlive } from './keep-alive.ts';
import { LegacySse, type LegacyUse } from './legacy-sse.ts';
import { serveMcp } from './mcp-endpoint.ts';
import { MetadataEndpoint } from './metadata-endpoint.ts';
import { observeHttp, reportTo } from './observe-http.ts';
import { DEFAULT_STALL_TIMEOUT_MS, type StreamLimits } from './open-outbox.ts';
import {
  isProbe,
  METRICS_PATH,
  type MetricsRequest,
  serveMetrics,
  serveProbe,
} from './operator-pages.ts';
import { servePlainStream } from './plain-stream.ts';
import { Readiness } from './readiness.ts';
import { Reception, type ReceptionOptions } from './reception.ts';
import { logIncident, refuse } from './refuse.ts';
import { type MadeSession, SessionKeeper } from './session-keeper.ts';
import { makeSession } from './session-requests.ts';
import { type SessionLimits, SessionTable } from './session-table.ts';
import type { ToolDirectory } from './tool-directory.ts';

export interface HttpOptions
  extends HostPolicy,
    ReceptionOptions,
    Partial<SessionLimits>,
    Partial<StreamLimits> {
  /** Where Streamable HTTP is served. Default `/mcp`. */
  path?: string;
  /** Serve HTTP+SSE of 2024-11-05 on `/sse` and `/messages`. Default `false`. */
  legacySse?: boolean;
  /** Serve every tool as a plain HTTP stream on `/stream/<tool>`. Default `true`. */
  plainStreams?: boolean;
  /** Largest request body in bytes; 413 beyond. Default 4 MiB. */
  maxBodyBytes?: number;
  /**
   * Who may call: the ways in which callers can prove who they are. Default: nobody is asked, which
   * is meant for loopback.
   */
  auth?: readonly Authenticator[];
  /**
   * How long browsers are told to come over TLS only (`Strict-Transport-Security`), in milliseconds,
   * where `publicUrl` is `https:`; 0 tells them nothing. Default one year.
   */
  hstsMaxAgeMs?: number;
  /**
   * Streams open at once that belong to a session or are a connection over HTTP+SSE; those that answer
   * a call count as calls, those of subscriptions as subscriptions. Default 20 000; 503 beyond.
   */
  maxStreams?: number;
  /** The same for one caller, as with `maxSessionsPerCaller`; 429 beyond. Default 1000. */
  maxStreamsPerCaller?: number;
  /** How often a quiet stream gets a comment, in milliseconds; 0 for never. Default 15 000. */
  keepAliveMs?: number;
  /** One line in the log for every request. Default: if the server has a logger. */
  accessLog?: boolean;
  /**
   * Lines for requests that were refused for reasons of security, also where `accessLog` is off:
   * credentials, scopes, hosts, origins, and callers who ask too often. Default: if the server has a
   * logger.
   */
  auditLog?: boolean;
  /**
   * Serve what Prometheus reads on `/metrics`. With `auth` a caller needs the scope `metrics` to read
   * it; without, everybody who may call may read it, which on a server that others reach has to be
   * said: `'public'`. Default `false`.
   */
  metrics?: boolean | 'public';
}

/** What the host serves. */
export interface HttpSubject {
  readonly dispatcher: Dispatcher;
  readonly tools: ToolDirectory;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Starts every session id; names the process that owns the session. */
  readonly sessionIdPrefix?: string;
  /** Who watches, if anybody does. */
  readonly observer?: Observer | undefined;
  /** Where sessions are kept beyond the life of the process, if anywhere. */
  readonly store?: SessionStore | undefined;
  /** Knows which of the processes that share the store have ended. */
  readonly watch?: (() => Promise<ProcessWatch>) | undefined;
  /** What the other processes of the server have counted, where there are any. */
  readonly othersCounts?: (() => Promise<readonly MetricsSnapshot[]>) | undefined;
  /** Counts the tasks of the server, where it keeps any. */
  readonly taskCounts?: (() => Promise<TaskCounts>) | undefined;
  /** When the certificate in use ends, in milliseconds since the epoch, where there is one. */
  readonly certificateEndsAtMs?: (() => number | undefined) | undefined;
}

const DEFAULT_PATH = '/mcp';
const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
const DEFAULT_MAX_STREAMS = 20_000;
const DEFAULT_KEEP_ALIVE_MS = 15_000;
const DEFAULT_HSTS_MAX_AGE_MS = 365 * 24 * 60 * 60 * 1000;
const SSE_PATH = '/sse';
const MESSAGES_PATH = '/messages';
const STREAM_PREFIX = '/stream/';

const DEFAULT_SESSION_LIMITS: SessionLimits = {
  maxSessions: 10_000,
  sessionIdleMs: 30 * 60_000,
  replayBytesPerSession: 1024 * 1024,
  replayBytesTotal: 64 * 1024 * 1024,
};

const DEFAULT_STREAM_LIMITS: StreamLimits = {
  ...DEFAULT_OUTBOX_LIMITS,
  stallTimeoutMs: DEFAULT_STALL_TIMEOUT_MS,
  maxStreamMs: 0,
};

const LIMITS = [
  'maxBodyBytes',
  'hstsMaxAgeMs',
  'maxStreams',
  'maxStreamsPerCaller',
  'keepAliveMs',
  'maxSessions',
  'maxSessionsPerCaller',
  'replayBytesPerSession',
  'replayBytesTotal',
  'maxQueuedBytes',
  'maxQueuedLogBytes',
  'stallTimeoutMs',
  'maxStreamMs',
] as const satisfies readonly (keyof HttpOptions)[];

/** @throws {TypeError} naming a limit that is none, or the setting about paths, hosts or origins that cannot hold */
export function checkHttpOptions(options: HttpOptions): void {
  checkLimits(options, LIMITS);
  checkLimits(options, ['sessionIdleMs'], 1);
  const { path = DEFAULT_PATH, publicUrl } = options;
  checkPath(path);
  compileHostPolicy(options, publicUrl === undefined ? undefined : parsePublicUrl(publicUrl, path));
}

export class HttpHost {
  readonly #context: HttpContext;
  readonly #rules: HostRules;
  readonly #reception: Reception;
  readonly #readiness: Readiness;
  readonly #commonHeaders: CommonHeaders;
  readonly #path: string;
  readonly #plainStreams: boolean;
  readonly #legacySse: LegacySse | undefined;
  readonly #metadata: MetadataEndpoint | undefined;
  readonly #observer: Observer | undefined;
  readonly #metrics: MetricsRequest | undefined;
  readonly #othersCounts: HttpSubject['othersCounts'];
  readonly #taskCounts: HttpSubject['taskCounts'];
  readonly #certificateEndsAtMs: HttpSubject['certificateEndsAtMs'];

  /** @throws {TypeError} naming the setting about paths, hosts, origins, callers or limits that cannot hold */
  constructor(subject: HttpSubject, options: HttpOptions = {}) {
    checkHttpOptions(options);
    const { sessionIdPrefix = '' } = subject;
    const { path = DEFAULT_PATH } = options;
    const publicUrl =
      options.publicUrl === undefined ? undefined : parsePublicUrl(options.publicUrl, path);
    const gatekeeper = new Gatekeeper(options.auth ?? [], publicUrl?.resource);
    const { maxSessionsPerCaller } = options;
    const limits = { ...withDefaults(DEFAULT_SESSION_LIMITS, options), maxSessionsPerCaller };
    const { maxStreams = DEFAULT_MAX_STREAMS } = options;
    const context: SessionContext = {
      ...subject,
      sessions: new SessionTable(subject.clock, limits, sessionIdPrefix),
      keepAlive: new KeepAlive(subject.clock, options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS),
      streamLimits: {
        ...withDefaults(DEFAULT_STREAM_LIMITS, options),
        gauge: subject.observer?.queue,
      },
      openStreams: new CallerQuota({
        what: 'open streams; the settings are maxStreams and maxStreamsPerCaller',
        total: maxStreams,
        totalCode: 'ERR_STREAM_LIMIT',
        perCaller: options.maxStreamsPerCaller,
      }),
      observe: subject.observer && observeHttp(subject.observer),
      gatekeeper,
      maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    };
    this.#context = { ...context, keeper: keeperOf(subject, context, limits) };
    this.#observer = subject.observer;
    this.#othersCounts = subject.othersCounts;
    this.#taskCounts = subject.taskCounts;
    this.#certificateEndsAtMs = subject.certificateEndsAtMs;
    const { observer } = subject;
    if (observer !== undefined && (options.metrics ?? false) !== false) {
      this.#metrics = {
        isOpen: gatekeeper.isOpen,
        page: async () => observer.metricsPage(await this.#allCounts()),
      };
    }
    this.#rules = compileHostPolicy(options, publicUrl);
    this.#readiness = new Readiness(subject);
    this.#reception = new Reception(gatekeeper, options);
    const { hstsMaxAgeMs = DEFAULT_HSTS_MAX_AGE_MS } = options;
    const strictTransport = new StrictTransport(publicUrl, hstsMaxAgeMs);
    this.#commonHeaders = new CommonHeaders(this.#rules, strictTransport);
    this.#path = path;
    this.#metadata = gatekeeper.metadata && new MetadataEndpoint(gatekeeper.metadata);
    this.#plainStreams = options.plainStreams ?? true;
    if (options.legacySse === true) {
      this.#legacySse = new LegacySse(this.#context, {
        messagesPath: MESSAGES_PATH,
        maxConnections: limits.maxSessions,
        idPrefix: sessionIdPrefix,
      });
    }
  }

  /** Clients that still connect over HTTP+SSE, and how often they did. */
  legacyUses(): readonly LegacyUse[] {
    return this.#legacySse?.uses() ?? [];
  }

  /** Whether a path is one of this host's, so that a framework can keep the others. */
  owns(path: string): boolean {
    return (
      path === this.#path ||
      (this.#plainStreams && path.startsWith(STREAM_PREFIX)) ||
      (this.#legacySse !== undefined && (path === SSE_PATH || path === MESSAGES_PATH)) ||
      this.#metadata?.owns(path) === true ||
      (this.#metrics !== undefined && path === METRICS_PATH) ||
      isProbe(path)
    );
  }

  /** Whether a session is open in this process. */
  holds(sessionId: string): boolean {
    return this.#context.sessions.has(sessionId);
  }

  /** Serves one request. Never throws. */
  async serve(exchange: HttpExchange): Promise<void> {
    if (this.#observer !== undefined) exchange.report = reportTo(this.#observer, exchange);
    const refusal =
      this.#reception.locate(exchange) ??
      checkHeaders(exchange) ??
      checkHost(exchange, this.#rules);
    if (refusal !== undefined) {
      this.#refuse(exchange, refusal);
      return;
    }
    exchange.commonHeaders = this.#commonHeaders.of(exchange);
    try {
      if (isPreflight(exchange)) exchange.reply(204, preflightHeaders(exchange));
      else if (isProbe(exchange.path)) await serveProbe(this.#readiness, exchange);
      else if (this.#metadata?.owns(exchange.path)) this.#metadata.serve(exchange);
      else await this.#serveCaller(exchange);
    } catch (error) {
      this.#refuse(exchange, asStromError(error, 'a request failed'));
    }
  }

  /**
   * Ends every connection, and every session that is not kept in a store.
   *
   * @returns once everything is written that was said last
   */
  async close(): Promise<void> {
    const { sessions, keeper } = this.#context;
    if (keeper === undefined) sessions.closeAll();
    const kept = keeper?.close(() => sessions.closeAll());
    this.#legacySse?.closeAll();
    this.#observer?.close();
    await kept;
  }

  #serveCaller(exchange: HttpExchange): Promise<void> | undefined {
    // What nobody serves needs no credentials to be told so.
    if (!this.owns(exchange.path)) throw pathNotFound();
    if (this.#beginsWork(exchange) && this.#context.dispatcher.isOverloaded) {
      // Before the body is read: it would need what there is too little of.
      throw publicError('ERR_OVERLOADED', 'The server is overloaded.');
    }
    const received = this.#reception.receive(exchange);
    return received === undefined
      ? this.#route(exchange)
      : received.then(() => this.#route(exchange));
  }

  /** Whether a request can only begin something; within a session it may as well end it. */
  #beginsWork(exchange: HttpExchange): boolean {
    const { path } = exchange;
    if (path === METRICS_PATH || path === MESSAGES_PATH) return false;
    return exchange.header('mcp-session-id') === undefined;
  }

  #route(exchange: HttpExchange): Promise<void> | undefined {
    const { path } = exchange;
    if (path === this.#path) return serveMcp(this.#context, exchange);
    if (this.#plainStreams && path.startsWith(STREAM_PREFIX)) {
      return servePlainStream(this.#context, exchange, path.slice(STREAM_PREFIX.length));
    }
    if (this.#legacySse !== undefined && path === SSE_PATH) {
      this.#legacySse.open(exchange);
      return undefined;
    }
    if (this.#legacySse !== undefined && path === MESSAGES_PATH) {
      return this.#legacySse.post(exchange);
    }
    if (this.#metrics !== undefined && path === METRICS_PATH) {
      return serveMetrics(exchange, this.#metrics);
    }
    throw pathNotFound();
  }

  /** What this process has counted; nothing where nobody counts. */
  async metricsSnapshot(): Promise<MetricsSnapshot> {
    if (this.#metrics === undefined) return [];
    return this.#observer?.metricsSnapshot(await this.#openThings()) ?? [];
  }

  async #allCounts(): Promise<readonly MetricsSnapshot[]> {
    const others = this.#othersCounts?.() ?? [];
    return [await this.metricsSnapshot(), ...(await others)];
  }

  async #openThings(): Promise<OpenThings> {
    const { sessions, keepAlive } = this.#context;
    return {
      sessions: sessions.size,
      streams: keepAlive.size,
      legacyUses: this.legacyUses(),
      // A store that does not answer must not hide the other figures.
      tasks: await this.#taskCounts?.().catch(() => undefined),
      certificateEndsAtMs: this.#certificateEndsAtMs?.(),
    };
  }

  #refuse(exchange: HttpExchange, error: StromError): void {
    logIncident(this.#context.logger, exchange, error);
    if (error.code === 'ERR_PEER_GONE') exchange.abort();
    refuse(exchange, error, { headers: this.#context.gatekeeper.refusalHeaders(error) });
  }
}

function keeperOf(
  subject: HttpSubject,
  context: SessionContext,
  { sessionIdleMs: idleMs }: SessionLimits,
): SessionKeeper | undefined {
  const { store, clock, logger, watch, sessionIdPrefix: namePrefix = '' } = subject;
  const { sessions, dispatcher } = context;
  if (store === undefined) return undefined;
  const isLeaving = (): boolean => dispatcher.isShuttingDown;
  const make = (made: MadeSession): HttpSession => makeSession(context, made);
  const shared = { store, clock, logger, watch, sessions };
  return new SessionKeeper({ ...shared, namePrefix, idleMs, isLeaving, make });
}

function pathNotFound(): StromError {
  return publicError('ERR_PATH_NOT_FOUND', 'Nothing is served here');
}
