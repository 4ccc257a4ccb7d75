/**
 * The options of a connection and of a call, with their defaults.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import type { LogLevel } from '../base/log-level.ts';
import type { Logger } from '../base/logger.ts';
import type { RpcMessage, RpcNotification } from '../protocol/message.ts';
import type { Implementation } from '../protocol/spec/2026-07-28.ts';
import type { LogEntry, ProgressUpdate, QuestionNotice } from './call-notice.ts';
import type { QuestionHandlers } from './handlers.ts';
import type { TaskHandle, TaskHandleOptions } from './task-handle.ts';

/** Which dialect a connection speaks; `auto` finds the newest one the server knows. */
export type EraOption = 'auto' | 'stateless' | 'session' | 'sse';

export const DEFAULT_IDLE_TIMEOUT_MS = 60_000;
export const DEFAULT_TOTAL_TIMEOUT_MS = 3_600_000;
export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
export const DEFAULT_PROBE_TIMEOUT_MS = 3_000;
export const DEFAULT_MAX_MESSAGE_CHARS = 64 * 1024 * 1024;
export const DEFAULT_MAX_ROUNDS = 10;

/** Headers of every HTTP request, or a function that makes them, for tokens that expire. */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

export interface ConnectOptions {
  /** Who this client says it is. Default: the library's own name and version. */
  clientInfo?: Implementation;
  /**
   * The dialect to speak. Default `auto`: stateless, then a session opened by `initialize`, then
   * HTTP+SSE. Any other value skips the search and fails where the server does not speak it.
   */
  era?: EraOption;
  /** Answers to the server's questions. Default: none, and the server is told so. */
  handlers?: QuestionHandlers;
  /**
   * Extra headers of every HTTP request, such as `Authorization`. They are sent to the origin of the
   * target only, and never logged.
   */
  headers?: HeaderSource;
  /** The `fetch` to use, for proxies, private certificates or tests. Default: the host's. */
  fetch?: typeof globalThis.fetch;
  /** Every log message of the server, whichever call it belongs to. */
  onLog?: (entry: LogEntry) => void;
  /** Every message that arrives, told apart by `kind`: notification, request or response. */
  onMessage?: (message: RpcMessage) => void;
  /** Every notification that arrives. */
  onNotification?: (notification: RpcNotification) => void;
  /**
   * Least severe log messages to ask for. Default: `info` for calls somebody listens to, and
   * nothing for the others. {@link Client.setLogLevel} changes it later.
   */
  logLevel?: LogLevel;
  /** Longest silence of a call, in ms; every message of the call starts it anew. Default 60 s. */
  idleTimeoutMs?: number;
  /** Longest duration of a call, in ms, whatever happens in it. Default 1 hour. */
  totalTimeoutMs?: number;
  /** Longest time the connection may take to be ready, in ms. Default 30 s. */
  connectTimeoutMs?: number;
  /**
   * How long a server behind stdio may stay silent on `server/discover` before it is taken for one
   * that knows only `initialize`, in ms. Default 3 s.
   */
  probeTimeoutMs?: number;
  /** Longest message the client reads, and all pages of a list together, in characters. Default 64 Mi. */
  maxMessageChars?: number;
  /** Most rounds of questions in one call. Default 10. */
  maxRounds?: number;
  /**
   * Whether a session over HTTP also opens the stream on which the server can speak unasked
   * (changes of lists, among others). Default true; a server without one is fine.
   */
  standaloneStream?: boolean;
  /**
   * Whether a call may go on as a task on servers that know tasks. Calls hide it. Default true;
   * with false the server is told that this client knows no tasks.
   */
  tasks?: boolean;
  /** Where warnings go: dropped messages, refused tools, lost streams. Default: nowhere. */
  logger?: Logger;
  /** Ends the attempt to connect. Has no effect once connected. */
  signal?: AbortSignal;
  /** Time, for tests. Default: the host's. */
  clock?: Clock;
}

/** Options every request has. */
export interface RequestOptions {
  /** Ends the wait with `ERR_CANCELLED`, and cancels the request on the server. */
  signal?: AbortSignal;
  /** Overrides the connection's value; `Infinity` for no limit. */
  idleTimeoutMs?: number;
  /** Overrides the connection's value; `Infinity` for no limit. */
  totalTimeoutMs?: number;
}

export interface StreamOptions extends RequestOptions {
  /** Every message of this call, told apart by `kind`. */
  onMessage?: (message: RpcMessage) => void;
  /**
   * Least severe log messages wanted from this call. Default: the level of the connection, else
   * `info` if somebody listens. Where levels belong to a session, less severe ones are left out here.
   */
  logLevel?: LogLevel;
  /**
   * Names the work, in 1 to 200 characters: a server that supports it does not begin the same work
   * of the same user twice, but joins the call that runs or repeats its result. Default: none.
   */
  idempotencyKey?: string;
}

export interface CallOptions extends StreamOptions {
  onProgress?: (update: ProgressUpdate) => void;
  /**
   * Log messages of this call. Where all calls share one channel (stdio, HTTP+SSE) a log message
   * does not say which call it belongs to; every call in flight sees it.
   */
  onLog?: (entry: LogEntry) => void;
  /** A question the server asked during this call; the handler of the connection answers it. */
  onQuestion?: (question: QuestionNotice) => void;
  /**
   * The call goes on as a task, whose result it waits for. Ending the wait cancels the task; closing
   * the client does not.
   */
  onTask?: (task: TaskHandle) => void;
}

/** Options of a call whose handle is wanted; its limits of time count until that is there. */
export interface TaskOptions extends Omit<CallOptions, 'onTask'>, TaskHandleOptions {}
