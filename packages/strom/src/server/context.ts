import type { LogLevel } from '../base/log-level.ts';
import type { Call } from '../calls/call.ts';
import type { ClientFacts, TraceContext } from '../protocol/operation.ts';

/**
 * What a handler is given beside its arguments: a way to tell its caller how the work goes, and to
 * learn that it should stop.
 *
 * Everything said here reaches the caller while the work goes on, in order, and before the result.
 * After the result, and when nobody asked, it goes nowhere; a handler need not check.
 */
export class Context {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Reports how far the work is. Values must grow; one that does not is dropped.
   *
   * Never blocks. While the caller reads slower than the handler reports, only the newest report
   * is kept beyond 1 MiB of queue; a handler that awaits the returned promise loses none.
   *
   * @param done - units done so far
   * @param total - units in all, where known
   * @param message - what to show a person, such as `Processing document 3/10`
   * @returns nothing while the caller keeps up, else a promise until it has caught up or is gone
   */
  progress(done: number, total?: number, message?: string): Promise<void> | undefined {
    return this.#call.progress(done, total, message);
  }

  /**
   * Sends a log line, if the caller wants lines of this level now.
   *
   * @param data - any JSON value; no secrets, the caller reads it
   * @param logger - the name of the part that speaks
   * @returns as {@link Context.progress}
   */
  log(level: LogLevel, data: unknown, logger?: string): Promise<void> | undefined {
    return this.#call.log({ level, data, logger });
  }

  /** Sends a `debug` line; see {@link Context.log}. */
  debug(data: unknown): Promise<void> | undefined {
    return this.log('debug', data);
  }

  /** Sends an `info` line; see {@link Context.log}. */
  info(data: unknown): Promise<void> | undefined {
    return this.log('info', data);
  }

  /** Sends a `notice` line; see {@link Context.log}. */
  notice(data: unknown): Promise<void> | undefined {
    return this.log('notice', data);
  }

  /** Sends a `warning` line; see {@link Context.log}. */
  warning(data: unknown): Promise<void> | undefined {
    return this.log('warning', data);
  }

  /** Sends an `error` line; see {@link Context.log}. */
  error(data: unknown): Promise<void> | undefined {
    return this.log('error', data);
  }

  /** Sends a `critical` line; see {@link Context.log}. */
  critical(data: unknown): Promise<void> | undefined {
    return this.log('critical', data);
  }

  /** Sends an `alert` line; see {@link Context.log}. */
  alert(data: unknown): Promise<void> | undefined {
    return this.log('alert', data);
  }

  /** Sends an `emergency` line; see {@link Context.log}. */
  emergency(data: unknown): Promise<void> | undefined {
    return this.log('emergency', data);
  }

  /**
   * Aborted when the work should stop. `signal.reason.code` says why: `ERR_CANCELLED` by the
   * caller, `ERR_PEER_GONE`, `ERR_DEADLINE` or `ERR_SHUTTING_DOWN`.
   */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Runs `cleanup` once when the call ends, however it ends. Failures are logged. */
  onCleanup(cleanup: () => unknown): void {
    this.#call.onCleanup(cleanup);
  }

  /** What the client says of itself: for display and logs, never for a decision on access. */
  get client(): ClientFacts {
    return this.#call.request.client;
  }

  /** The caller's W3C trace context, to be handed on to other services. */
  get trace(): TraceContext | undefined {
    return this.#call.request.trace;
  }
}
