/**
 * What ends a call before its result: the caller's signal, the end of the
 * client, too long a silence, too long a whole.
 *
 * All of them abort one signal, whose reason is the error the caller sees.
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import type { RpcMessage } from '../protocol/message.ts';
import type { Inbox } from './inbox.ts';
import { onAbort } from './on-abort.ts';
import { orAborted } from './pause.ts';

/** Hosts fire timers beyond this at once; a limit that long is no limit. */
const MAX_TIMER_MS = 2_147_483_647;

export interface CallLimits {
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  /** Of the caller: cancels. */
  readonly signal: AbortSignal | undefined;
  /** Of the client: aborted with the error that its calls end with. */
  readonly ended?: AbortSignal;
}

/** A duration from an option. @throws {TypeError} unless it is above zero */
export function positiveMs(value: number | undefined, fallback: number): number {
  const chosen = value ?? fallback;
  if (!(chosen > 0)) throw new TypeError('a time limit must be above 0; use Infinity for none');
  return chosen;
}

const NO_TIMER: Timer = { cancel: () => undefined };

function whenAborted(signal: AbortSignal | undefined, act: (reason: unknown) => void): () => void {
  return signal === undefined ? () => undefined : onAbort(signal, () => act(signal.reason));
}

/** Runs from the first message to the last, over all rounds and repetitions of a call. */
export class CallTimers {
  readonly #clock: Clock;
  readonly #limits: CallLimits;
  readonly #controller = new AbortController();
  readonly #total: Timer;
  readonly #loseInterest: readonly (() => void)[];

  constructor(clock: Clock, limits: CallLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#total = this.#after(limits.totalTimeoutMs, () => {
      this.#expire('ERR_TOTAL_TIMEOUT', `the call took longer than ${limits.totalTimeoutMs} ms`);
    });
    this.#loseInterest = [
      whenAborted(limits.signal, (cause) => {
        const error = new StromError('ERR_CANCELLED', 'the call was cancelled', { cause });
        this.#controller.abort(error);
      }),
      whenAborted(limits.ended, (reason) => this.#controller.abort(reason)),
    ];
  }

  /** Aborted when the call must end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * The next message of a request. Only this wait counts as silence: a caller that takes its time
   * between two messages, or a user who answers a question, does not.
   */
  async take(inbox: Inbox): Promise<RpcMessage> {
    const { signal } = this.#controller;
    const loseInterest = onAbort(signal, () => inbox.abort(signal.reason));
    const silence = this.#watch(() => inbox.hasOpenQuestion);
    try {
      return await inbox.take();
    } finally {
      silence.cancel();
      loseInterest();
    }
  }

  /** Waits for the other side; the wait counts as silence. */
  async whileSilent<T>(wait: Promise<T>): Promise<T> {
    const silence = this.#watch(() => false);
    try {
      return await orAborted(wait, this.#controller.signal);
    } finally {
      silence.cancel();
    }
  }

  /** Must be called when the call is over, however it ended. */
  close(): void {
    this.#total.cancel();
    for (const loseInterest of this.#loseInterest) loseInterest();
    // Stops handlers that still work on a question of this call.
    this.#controller.abort(new StromError('ERR_CLOSED', 'the call is over'));
  }

  #watch(isExcused: () => boolean): Timer {
    const { idleTimeoutMs } = this.#limits;
    let timer = NO_TIMER;
    const arm = (): void => {
      timer = this.#after(idleTimeoutMs, () => {
        if (isExcused()) arm();
        else this.#expire('ERR_IDLE_TIMEOUT', `the server was silent for ${idleTimeoutMs} ms`);
      });
    };
    arm();
    return { cancel: () => timer.cancel() };
  }

  #after(delayMs: number, task: () => void): Timer {
    return delayMs > MAX_TIMER_MS ? NO_TIMER : this.#clock.after(delayMs, task);
  }

  #expire(code: 'ERR_IDLE_TIMEOUT' | 'ERR_TOTAL_TIMEOUT', message: string): void {
    this.#controller.abort(new StromError(code, message));
  }
}
