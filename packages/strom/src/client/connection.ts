/**
 * What stands between the client's methods and the wire: the current link, opened again when it is
 * lost, and everything that must outlive it.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { type JsonObject, ownValue } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import { type Logger, SILENT_LOGGER } from '../base/logger.ts';
import { StromError } from '../base/strom-error.ts';
import type { RpcNotification } from '../protocol/message.ts';
import { TASKS_EXTENSION } from '../protocol/task.ts';
import { backoffMs } from './backoff.ts';
import { toLogEntry } from './call-notice.ts';
import { type CallLimits, positiveMs } from './call-timers.ts';
import type { ConnectOptions, RequestOptions } from './client-options.ts';
import { ask } from './handshake.ts';
import type { ClientIdentity, Link, ServerFacts } from './link.ts';
import { ListCache } from './list-cache.ts';
import { type LinkRequest, openLink } from './open-link.ts';
import { pause } from './pause.ts';
import { QuestionDesk } from './question-desk.ts';
import { type CallHost, type CallRequest, type CallRun, runCall } from './run-call.ts';
import { ServerRequests } from './server-requests.ts';
import type { ArrivalHooks } from './switchboard.ts';
import { ToolIndex } from './tool-index.ts';

export interface ConnectionSettings {
  readonly options: ConnectOptions;
  readonly clock: Clock;
  readonly identity: ClientIdentity;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxRounds: number;
  readonly link: Pick<LinkRequest, 'route' | 'era' | 'maxMessageChars' | 'probeTimeoutMs'>;
}

/** A request as the client's methods make it. */
export type PlainRequest = Pick<CallRequest, 'method' | 'params'> &
  Partial<Pick<CallRequest, 'logLevel' | 'onMessage' | 'takesTask'>>;

const MAX_REVIVALS = 10;
/** How long a client that closes waits for what it has told the server last. */
const LAST_WORD_TIMEOUT_MS = 2_000;

export class Connection implements CallHost {
  readonly clock: Clock;
  readonly identity: ClientIdentity;
  readonly desk: QuestionDesk;
  readonly maxRounds: number;
  readonly lists = new ListCache();
  readonly tools = new ToolIndex();
  readonly logger: Logger;
  /** Called with every notification. */
  readonly notificationListeners = new Set<(notification: RpcNotification) => void>();
  /** Called when a lost connection has been replaced; what the server knew of us is gone. */
  readonly reopenListeners = new Set<() => void>();
  /** Reads the tool definitions anew; set by the client, which knows how to list. */
  refreshTools: () => Promise<void> = () => Promise.resolve();
  logLevel: LogLevel | undefined;
  readonly #settings: ConnectionSettings;
  readonly #requests: ServerRequests;
  readonly #end = new AbortController();
  readonly #lastWords = new Set<Promise<void>>();
  #link: Link | undefined;
  #closing: Promise<void> | undefined;
  #opening: Promise<Link> | undefined;
  #lastId = 0;

  constructor(settings: ConnectionSettings) {
    const { options } = settings;
    this.#settings = settings;
    this.clock = settings.clock;
    this.identity = settings.identity;
    this.maxRounds = settings.maxRounds;
    this.desk = new QuestionDesk(options.handlers ?? {});
    this.logger = options.logger ?? SILENT_LOGGER;
    this.logLevel = options.logLevel;
    this.#requests = new ServerRequests({
      desk: this.desk,
      serverName: () => this.#link?.server.name ?? 'unknown',
      onWarning: (message, fields) => this.logger.warn(fields, message),
    });
  }

  /** The server of the newest connection, also while that is being replaced. */
  get server(): ServerFacts {
    if (this.#link === undefined) throw new StromError('ERR_CLOSED', 'not connected yet');
    return this.#link.server;
  }

  /** The largest message, and all pages of a list together, in characters. */
  get maxMessageChars(): number {
    return this.#settings.link.maxMessageChars;
  }

  /** How long a server may take to acknowledge a subscription. */
  get acknowledgeTimeoutMs(): number {
    return this.#settings.connectTimeoutMs;
  }

  /** Aborted when the client is closed. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether a call may be answered with a task. */
  get takesTasks(): boolean {
    return Object.hasOwn(this.identity.extensions, TASKS_EXTENSION);
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  link(): Promise<Link> {
    if (this.#end.signal.aborted) return Promise.reject(this.#end.signal.reason);
    if (this.#link?.exchange.isOpen) return Promise.resolve(this.#link);
    return this.#open(this.#link);
  }

  reopen(failed: Link): Promise<Link> {
    // Another call may have been faster; its new connection serves this one as well.
    return this.#link === failed ? this.#open(failed) : this.link();
  }

  mirroredHeaders(params: JsonObject): Record<string, string> {
    return this.tools.headersFor(params);
  }

  /** A request whose messages the caller wants to see. */
  run(request: PlainRequest, options: RequestOptions): CallRun {
    const { logLevel, ...rest } = request;
    return runCall(this, { ...rest, logLevel, limits: this.limits(options) });
  }

  /** A request of which only the result matters. */
  async request(request: PlainRequest, options: RequestOptions = {}): Promise<JsonObject> {
    const run = this.run(request, options);
    for (;;) {
      const step = await run.next();
      if (step.done) return step.value;
    }
  }

  /** Sends a request whose answer nobody waits for, except that a client does not close before it. */
  tell(request: PlainRequest): void {
    const timeoutMs = LAST_WORD_TIMEOUT_MS;
    const told = this.request(request, { idleTimeoutMs: timeoutMs, totalTimeoutMs: timeoutMs })
      .then(() => undefined)
      .catch((error: unknown) => {
        this.logger.warn({ error, method: request.method }, 'the server was not told');
      })
      .finally(() => this.#lastWords.delete(told));
    this.#lastWords.add(told);
  }

  /** Tells a session its log level, where there is a session that has one. */
  async applyLogLevel(link: Link): Promise<void> {
    const request = this.#logLevelRequest(link);
    if (request !== undefined) await this.request(request);
  }

  #logLevelRequest({ server }: Link): PlainRequest | undefined {
    const { logLevel: level } = this;
    if (level === undefined || server.era === 'stateless') return undefined;
    if (server.capabilities.logging === undefined) return undefined;
    return { method: 'logging/setLevel', params: { level } };
  }

  /** Never rejects. No call: that would wait for the connection, which is not open before this. */
  async #setUp(link: Link, signal: AbortSignal): Promise<void> {
    const request = this.#logLevelRequest(link);
    if (request === undefined) return;
    const { identity } = this;
    const opening = { ...link, identity, nextId: () => this.nextId(), signal };
    await ask(opening, { ...request, isStateless: false }).catch((error: unknown) => {
      this.logger.warn({ error }, 'the server did not take the log level');
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  limits(options: RequestOptions): CallLimits {
    const { idleTimeoutMs, totalTimeoutMs } = this.#settings;
    return {
      idleTimeoutMs: positiveMs(options.idleTimeoutMs, idleTimeoutMs),
      totalTimeoutMs: positiveMs(options.totalTimeoutMs, totalTimeoutMs),
      signal: options.signal,
      ended: this.#end.signal,
    };
  }

  async #close(): Promise<void> {
    await Promise.all(this.#lastWords);
    this.#end.abort(new StromError('ERR_CLOSED', 'the client was closed'));
    this.#requests.stop();
    await this.#link?.exchange.close();
  }

  #open(lost: Link | undefined): Promise<Link> {
    this.#opening ??= this.#openNow(lost).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openNow(lost: Link | undefined): Promise<Link> {
    const { connectTimeoutMs, options, link } = this.#settings;
    const late = new AbortController();
    const timer = this.clock.after(connectTimeoutMs, () => {
      late.abort(new StromError('ERR_CONNECT', `not connected within ${connectTimeoutMs} ms`));
    });
    try {
      await lost?.exchange.release();
      const signals = [late.signal, this.#end.signal];
      if (lost === undefined && options.signal !== undefined) signals.push(options.signal);
      const { clock, identity } = this;
      const hooks = this.#hooks();
      const nextId = (): number => this.nextId();
      const signal = AbortSignal.any(signals);
      const opened = await openLink({ ...link, clock, identity, hooks, nextId, signal });
      if (this.#end.signal.aborted) {
        await opened.exchange.close();
        throw this.#end.signal.reason;
      }
      this.#link = opened;
      await this.#setUp(opened, signal);
      if (lost !== undefined) this.#announceReopened();
      return opened;
    } catch (cause) {
      if (lost === undefined && options.signal?.aborted) {
        throw new StromError('ERR_CANCELLED', 'the attempt to connect was cancelled', { cause });
      }
      throw cause;
    } finally {
      timer.cancel();
    }
  }

  /** Somebody listens and nobody asks: then nothing else would open the connection again. */
  async #revive(): Promise<void> {
    const { signal } = this.#end;
    for (let attempt = 0; attempt < MAX_REVIVALS && !signal.aborted; attempt += 1) {
      try {
        await pause(backoffMs(attempt), this.clock, signal);
        await this.link();
        return;
      } catch (error) {
        if (!signal.aborted) this.logger.warn({ error }, 'a lost connection did not open again');
      }
    }
  }

  #announceReopened(): void {
    this.lists.clear();
    for (const listener of this.reopenListeners) listener();
  }

  #hooks(): ArrivalHooks {
    const { onMessage, onNotification } = this.#settings.options;
    return {
      onMessage: (message) => this.#tell(onMessage, message),
      onNotification: (notification) => {
        this.#notice(notification);
        this.#tell(onNotification, notification);
        for (const listener of this.notificationListeners) listener(notification);
      },
      // Never rejects: every failure becomes an answer or a warning.
      onRequest: (arrival) => void this.#requests.take(arrival),
      onWarning: (message, fields) => this.logger.warn(fields, message),
      onLost: () => {
        // Never rejects; a connection that is still being opened reports its own failure.
        if (this.#opening === undefined && this.reopenListeners.size > 0) void this.#revive();
      },
    };
  }

  #notice({ method, params }: RpcNotification): void {
    this.lists.invalidate(method);
    if (method === 'notifications/cancelled') {
      this.#requests.withdraw(ownValue(params, 'requestId'));
    }
    if (method !== 'notifications/message') return;
    const entry = toLogEntry(params);
    if (entry !== undefined) this.#tell(this.#settings.options.onLog, entry);
  }

  /** Calls back into the program; its mistakes must not break the reading of messages. */
  #tell<Value>(callback: ((value: Value) => void) | undefined, value: Value): void {
    try {
      callback?.(value);
    } catch (error) {
      this.logger.error({ error }, 'a callback threw');
    }
  }
}
