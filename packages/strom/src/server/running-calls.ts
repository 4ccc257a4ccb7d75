/**
 * The calls that run in this process: how they begin, how their work becomes an outcome, and how all
 * of them come to an end.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { Roster } from '../base/roster.ts';
import { shuttingDown } from '../base/shutting-down.ts';
import { Call, type CallHost } from '../calls/call.ts';
import type { CallView } from '../calls/call-view.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import type { TaskRun } from '../tasks/task-run.ts';
import type { Admission } from './admission.ts';
import type { Ran } from './dispatch.ts';
import { maskError } from './mask-error.ts';

export interface RunningCallsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admission: Admission;
  readonly callTimeoutMs: number;
  /** 0 for as long as it takes. */
  readonly callIdleTimeoutMs: number;
}

type Work = (call: Call) => Ran | Promise<Ran>;

export class RunningCalls {
  readonly #options: RunningCallsOptions;
  readonly #active = new Roster<Call>();
  readonly #host: CallHost;
  /** Tasks are not calls of anybody while they run: they have limits of their own. */
  readonly #taskHost: CallHost;
  /** Who waits for the last call to end. */
  readonly #onIdle: (() => void)[] = [];

  constructor(options: RunningCallsOptions) {
    const { clock, logger } = options;
    this.#options = options;
    this.#taskHost = { clock, logger, onEnd: (call) => this.#ended(call) };
    this.#host = { ...this.#taskHost, onAnswered: (call) => this.#answered(call) };
  }

  /** Begins a call of somebody, or refuses it. */
  start(request: OperationRequest, view: CallView, work: Work): Call {
    const { admission } = this.#options;
    const call = new Call(request, view, this.#host);
    const refusal = admission.admit(request);
    if (refusal !== undefined) {
      call.stop(refusal);
      return call;
    }
    this.#active.add(call);
    this.#limit(call);
    call.endWithProof();
    if (!call.ended) this.#run(call, work);
    return call;
  }

  /** Begins an attempt at a task, which may take as long as the task is kept. */
  startTask(request: OperationRequest, run: TaskRun, work: Work): Call {
    const call = new Call(request, run, this.#taskHost);
    this.#active.add(call);
    const { expiresAtMs } = run.claim.task;
    if (expiresAtMs !== undefined) {
      // 0 would be no limit.
      call.limitTo(Math.max(1, expiresAtMs - this.#options.clock.now()));
    }
    this.#run(call, work);
    return call;
  }

  /** Stops every call. */
  stopAll(): void {
    const reason = shuttingDown();
    for (const call of [...this.#active]) call.stop(reason);
  }

  /** Resolves when no call runs any more; those that run after `timeoutMs` are stopped. */
  idle(timeoutMs: number): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = this.#options.clock.after(timeoutMs, () => this.stopAll());
      this.#onIdle.push(() => {
        deadline.cancel();
        resolve();
      });
    });
  }

  /** Subscriptions are calls that say nothing for as long as nothing changes. */
  #limit(call: Call): void {
    if (call.request.operation === 'subscriptions/listen') return;
    const { callTimeoutMs, callIdleTimeoutMs } = this.#options;
    call.limitTo(callTimeoutMs);
    if (callIdleTimeoutMs > 0) call.limitIdleTo(callIdleTimeoutMs);
  }

  #run(call: Call, work: Work): void {
    try {
      const outcome = call.within(() => work(call));
      if (outcome instanceof Promise) {
        outcome.then(
          (settled) => settled !== undefined && call.finish(settled),
          (error: unknown) => this.#fail(call, error),
        );
      } else if (outcome !== undefined) call.finish(outcome);
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #fail(call: Call, error: unknown): void {
    // What a handler throws because it was stopped is no news.
    if (call.ended) return;
    const masked = maskError(error, this.#options.logger, call.correlation);
    call.finish({ kind: 'error', error: masked });
  }

  #answered(call: Call): void {
    if (this.#active.has(call)) this.#options.admission.release(call.request);
  }

  #ended(call: Call): void {
    if (!this.#active.delete(call)) return;
    if (this.#active.size > 0 || this.#onIdle.length === 0) return;
    for (const settle of this.#onIdle.splice(0)) settle();
  }
}
