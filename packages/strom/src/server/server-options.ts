import { checkLimits } from '../base/check-limits.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { CallPace } from '../calls/call-pace.ts';
import type { CacheHint } from '../protocol/call-event.ts';
import { checkCacheHint } from './check-cache-hint.ts';
import type { Store } from './store.ts';

export interface ServerOptions extends CallPace {
  /** The programmatic name of the server. */
  name: string;
  version: string;
  /** A name for people. */
  title?: string;
  websiteUrl?: string;
  /** Guidance for a model on how to use the server. */
  instructions?: string;
  /** Where the server reports failures. A pino instance fits. Default: nowhere. */
  logger?: Logger;
  /** Longest run of a call in milliseconds; 0 for no limit. Default 3 600 000 (one hour). */
  callTimeoutMs?: number;
  /**
   * Longest time in which a call may say nothing, neither progress nor a log line nor a chunk, in
   * milliseconds; waiting for an answer of the caller does not count. Default 0, no limit.
   */
  callIdleTimeoutMs?: number;
  /**
   * Longest life of a subscription in milliseconds; then it ends gracefully, and its client may open
   * another. Default 0, no limit.
   */
  maxSubscriptionMs?: number;
  /** Calls that run at once, subscriptions not counted. Default 10 000. */
  maxCalls?: number;
  /**
   * The same for one caller: one who has signed in, or one address. Default 1000; for callers on this
   * machine who have not signed in only what is set counts.
   */
  maxCallsPerCaller?: number;
  /**
   * How full the heap of the process may be, as a part of its limit; beyond, new calls are refused until
   * it is less full. Default 0.9; 1 refuses none.
   */
  maxHeapUse?: number;
  /** How long lists may be cached, and by whom. Default 60 000 ms, `private`. */
  listCache?: CacheHint;
  /** Most items on one page of a list. Default 500. */
  pageSize?: number;
  /** Subscriptions open at once, session ones included. Default 50 000. */
  maxSubscriptions?: number;
  /** The same for one caller, as with {@link ServerOptions.maxCallsPerCaller}. Default 1000. */
  maxSubscriptionsPerCaller?: number;
  /**
   * Keys of 32 random bytes that seal what a call remembers between the rounds of its questions. The
   * first seals, all of them open: put a new key in front to rotate. Processes that share traffic
   * must share keys. Default: one made at start, known to this process alone.
   */
  stateKeys?: readonly Uint8Array[];
  /** How long the answer to a question may take, in milliseconds. Default 3 600 000 (one hour). */
  stateTtlMs?: number;
  /**
   * Keeps what must outlive a connection or a process: tasks, and sessions of older revisions with
   * the streams a client may come back to. Whoever opens it closes it, after the server has stopped.
   * Default: nothing outlives the process.
   */
  store?: Store;
  /** Tasks that run in one process at once; others wait for their turn. Default 100. */
  maxRunningTasks?: number;
  /** Open tasks in all; more are refused with `ERR_TASK_LIMIT`. Default 100 000. */
  maxTasks?: number;
  /** The same for one caller. Default 1000. */
  maxTasksPerCaller?: number;
  /**
   * How long a task stays with a process that gives no sign of life, in milliseconds. Default 10 000:
   * that is how late another goes on with it.
   */
  taskLeaseMs?: number;
  /** Time, for tests. Default: the host's. */
  clock?: Clock;
}

const LIMITS = [
  'callTimeoutMs',
  'callIdleTimeoutMs',
  'maxSubscriptionMs',
  'maxSubscriptions',
  'maxSubscriptionsPerCaller',
  'maxCalls',
  'maxCallsPerCaller',
  'maxProgressPerSecond',
  'burstWindowMs',
  'stateTtlMs',
] as const satisfies readonly (keyof ServerOptions)[];

/** @throws {TypeError} naming a limit that is none; those of tasks are checked where they are used */
export function checkServerLimits(options: ServerOptions): void {
  checkLimits(options, LIMITS);
  checkLimits(options, ['pageSize'], 1);
  checkCacheHint('listCache', options.listCache);
}

/** What holds where the options say nothing. */
export const SERVER_DEFAULTS = {
  callTimeoutMs: 3_600_000,
  callIdleTimeoutMs: 0,
  maxSubscriptionMs: 0,
  listCache: { ttlMs: 60_000, scope: 'private' },
  maxCalls: 10_000,
  maxHeapUse: 0.9,
  pageSize: 500,
  maxSubscriptions: 50_000,
  stateTtlMs: 3_600_000,
  maxRunningTasks: 100,
  maxTasks: 100_000,
  maxTasksPerCaller: 1000,
  taskLeaseMs: 10_000,
} as const satisfies Partial<ServerOptions>;
