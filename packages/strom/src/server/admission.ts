import { CallerQuota } from '../base/caller-quota.ts';
import type { LoadWatch } from '../base/load-watch.ts';
import { shuttingDown } from '../base/shutting-down.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import { SERVER_DEFAULTS, type ServerOptions } from './server-options.ts';

/** Decides whether a call may begin, and keeps count of those that run. */
export class Admission {
  #isClosed = false;
  readonly #calls: CallerQuota;
  #load: LoadWatch | undefined;

  constructor(options: ServerOptions) {
    this.#calls = new CallerQuota({
      what: 'calls at once; the settings are maxCalls and maxCallsPerCaller',
      total: options.maxCalls ?? SERVER_DEFAULTS.maxCalls,
      totalCode: 'ERR_OVERLOADED',
      perCaller: options.maxCallsPerCaller,
    });
  }

  /** Whether no call may begin any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Admits nobody while the process has too much to do. */
  watch(load: LoadWatch): void {
    this.#load = load;
  }

  get isOverloaded(): boolean {
    return this.#load?.isOverloaded === true;
  }

  close(): void {
    this.#isClosed = true;
  }

  /**
   * Admits a call, which is to be {@link Admission.release}d when it has ended.
   *
   * @returns why not: `ERR_SHUTTING_DOWN`, `ERR_CALLER_LIMIT`, `ERR_OVERLOADED`
   */
  admit(request: OperationRequest): StromError | undefined {
    if (this.#isClosed) return shuttingDown();
    if (this.isOverloaded) return publicError('ERR_OVERLOADED', 'The server is overloaded.');
    return isCounted(request) ? this.#calls.take(request.principal) : undefined;
  }

  release(request: OperationRequest): void {
    if (isCounted(request)) this.#calls.release(request.principal);
  }
}

/** Subscriptions are calls that wait; they have limits of their own. */
function isCounted({ operation }: OperationRequest): boolean {
  return operation !== 'subscriptions/listen';
}
