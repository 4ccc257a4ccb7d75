/**
 * One running call: the events it emits, how it ends, and how it is stopped.
 *
 * ```
 * handler ─▶ Context ─▶ Call ─▶ CallView ─▶ reader
 *                         ▲
 *   cancel, deadline, ────┘  (one AbortSignal with a typed reason)
 *   peer gone, shutdown
 * ```
 *
 * @module
 */

import type { Clock, Timer } from '../base/clock.ts';
import { coarseTimer } from '../base/coarse-timer.ts';
import { isAtLeast, isLogLevel, type LogLevel } from '../base/log-level.ts';
import type { Logger } from '../base/logger.ts';
import { nextTurn } from '../base/next-turn.ts';
import type { Member } from '../base/roster.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import { whenProofEnds } from '../base/when-proof-ends.ts';
import type { CallEvent, LogEvent, Outcome, ProgressEvent } from '../protocol/call-event.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import type { Question } from '../protocol/question.ts';
import { type CallPace, ProgressPacer } from './call-pace.ts';
import type { CallView } from './call-view.ts';
import { IdleLimit } from './idle-limit.ts';

/** What every call of a server shares. */
export interface CallHost {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told once when the caller has been answered: at the end, or when the call is handed over. */
  onAnswered?(call: Call): void;
  /** Told once when the call has ended, however it ended. */
  onEnd(call: Call): void;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly data: unknown;
  readonly logger?: string | undefined;
}

/** From here on a second more makes no difference. */
const COARSE_FROM_MS = 60_000;

/**
 * A handler that awaits everything it says, to a reader that takes everything, would never let the
 * host have a turn for its other callers: after so many events it is given one.
 */
const EVENTS_PER_TURN = 128;

const NO_PARAMS: OperationRequest['params'] = {};

export class Call implements Member {
  place: number | undefined = undefined;
  #request: OperationRequest;
  #view: CallView;
  readonly #host: CallHost;
  #abort: AbortController | undefined;
  #abortReason: StromError | undefined;
  #deadline: Timer | undefined;
  #idleLimit: IdleLimit | undefined;
  #proofEnd: Timer | undefined;
  #cleanups: (() => unknown)[] | undefined;
  #lastProgress = Number.NEGATIVE_INFINITY;
  #chunks = 0;
  #said = 0;
  #countsItself = false;
  #pacer: ProgressPacer | undefined;
  #wantsProgress: boolean;
  #onAnswered: (() => void)[] | undefined;
  #isHandedOver = false;
  #ended = false;

  constructor(request: OperationRequest, view: CallView, host: CallHost) {
    this.#request = request;
    this.#view = view;
    this.#host = host;
    this.#wantsProgress = request.wantsProgress;
  }

  get request(): OperationRequest {
    return this.#request;
  }

  /** Lets go of the parameters once they are read, for calls that stay open for hours. */
  forgetParams(): void {
    const { mirroredHeader: _read, ...request } = this.#request;
    this.#request = { ...request, params: NO_PARAMS };
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Aborted when the call should stop; the reason is a `StromError` that says why. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      // Made on first use: most calls never look at it, and a controller costs 3 us.
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  /** By which lines about the call are found in the log, where somebody watches it. */
  get correlation(): string | undefined {
    return this.#view.correlation;
  }

  /** Runs the work of the call in the surroundings its view has for it. */
  within<Result>(work: () => Result): Result {
    return this.#view.within === undefined ? work() : this.#view.within(work);
  }

  /** Why the call was stopped; `undefined` while it runs and when it came to its end. */
  get stopReason(): StromError | undefined {
    return this.#abortReason;
  }

  /**
   * Ends the call with `ERR_DEADLINE` unless it has ended by then; replaces an earlier limit. Limits
   * of a minute and more are noticed within a second. 0 is no limit.
   */
  limitTo(maxMs: number): void {
    this.#deadline?.cancel();
    if (maxMs === 0) return;
    const { clock } = this.#host;
    const stop = (): void => {
      this.stop(publicError('ERR_DEADLINE', `The call took longer than ${maxMs} ms.`));
    };
    // Long limits share one timer: one each, set and cleared, would be a twentieth of a short call.
    const isLong = maxMs >= COARSE_FROM_MS;
    this.#deadline = isLong ? coarseTimer(clock, maxMs, stop) : clock.after(maxMs, stop);
  }

  /** Ends the call with `ERR_DEADLINE` once it has said nothing for so long, and waits for nobody. */
  limitIdleTo(maxMs: number): void {
    this.#idleLimit = new IdleLimit(this.#host.clock, maxMs, () => {
      this.stop(publicError('ERR_DEADLINE', `The call said nothing for ${maxMs} ms.`));
    });
  }

  /** Ends the call with `ERR_INVALID_TOKEN` when the caller's proof of identity ends. */
  endWithProof(): void {
    this.#proofEnd = whenProofEnds(this.request.principal, this.#host.clock, () => {
      this.stop(publicError('ERR_INVALID_TOKEN', 'The proof of identity has ended.'));
    });
    if (this.#ended) this.#proofEnd?.cancel();
  }

  /** Bounds how fast the call speaks, from now on. */
  setPace({ maxProgressPerSecond = 0, burstWindowMs = 0 }: CallPace): void {
    this.#pacer?.flush();
    this.#pacer =
      maxProgressPerSecond > 0
        ? new ProgressPacer(this.#host.clock, maxProgressPerSecond, this.#view)
        : undefined;
    this.#view.batchFor?.(burstWindowMs);
  }

  /**
   * Reports progress. Values that do not grow or are no finite number are dropped, as is everything
   * after the end; a total that is no finite number and a message that is no text are left out.
   *
   * @returns a promise while the reader is behind, and now and then one for a turn of the event loop;
   * awaiting it means that nothing is coalesced
   */
  progress(progress: number, total?: number, message?: string): Promise<void> | undefined {
    this.#countsItself = true;
    this.#idleLimit?.sign();
    return this.#fairly(this.#progress(progress, total, message));
  }

  #progress(progress: number, total?: number, message?: string): Promise<void> | undefined {
    if (this.#ended || !this.#wantsProgress) return undefined;
    if (!Number.isFinite(progress) || progress <= this.#lastProgress) return undefined;
    this.#lastProgress = progress;
    const event: ProgressEvent = {
      kind: 'progress',
      progress,
      // JSON has no NaN and no infinities.
      total: Number.isFinite(total) ? total : undefined,
      message: typeof message === 'string' ? message : undefined,
    };
    return this.#pacer === undefined ? this.#view.send(event) : this.#pacer.progress(event);
  }

  /**
   * Sends a log line if the client wants its level now. A logger that is no text is left out.
   *
   * @throws {TypeError} when there is no such level
   */
  log({ level, data, logger }: LogLine): Promise<void> | undefined {
    if (!isLogLevel(level)) throw new TypeError(`there is no log level ${quoted(level)}`);
    this.#idleLimit?.sign();
    const minimum = this.request.logGate.level;
    const isWanted = !this.#ended && minimum !== undefined && isAtLeast(level, minimum);
    return this.#fairly(isWanted ? this.#view.send(logEvent(level, data, logger)) : undefined);
  }

  /** Sends one piece of output, in the form the reader can take. */
  chunk(value: unknown): Promise<void> | undefined {
    if (this.#ended) return this.#fairly(undefined);
    this.#idleLimit?.sign();
    this.#chunks += 1;
    if (this.#view.carriesChunks) return this.#fairly(this.#view.send({ kind: 'chunk', value }));
    // A tool that counts its own progress keeps the numbers; its chunks become log lines.
    if (this.#wantsProgress && !this.#countsItself) {
      return this.#fairly(this.#progress(this.#chunks, undefined, chunkText(value)));
    }
    return this.log({ level: 'info', data: value });
  }

  /** Also counts what is not sent: who speaks to nobody must not hold up the others either. */
  #fairly(sent: Promise<void> | undefined): Promise<void> | undefined {
    this.#said += 1;
    if (this.#said % EVENTS_PER_TURN !== 0) return sent;
    return sent === undefined ? nextTurn() : sent.then(nextTurn);
  }

  /** Whether the caller can be asked while the call runs. */
  get asksLive(): boolean {
    return this.#view.ask !== undefined;
  }

  /** Whether answers are kept, so that one that does not fit stays so. */
  get keepsAnswers(): boolean {
    return this.#view.keepsAnswers === true;
  }

  /** Asks the caller while the call runs; only where {@link Call.asksLive}. */
  ask(question: Question, key: string): Promise<unknown> {
    const answer = this.#ended ? undefined : this.#view.ask?.(question, key);
    if (answer !== undefined) void this.#idleLimit?.pauseFor(answer);
    return answer ?? Promise.reject(this.#abortReason ?? cannotAsk());
  }

  /** Keeps a value for the case that the work has to begin anew, where calls outlive a crash. */
  remember(name: string, text: string): Promise<void> | undefined {
    return this.#ended ? undefined : this.#view.remember?.(name, text);
  }

  /** Lets the caller disconnect and come back for the rest, where it can. */
  suspendConnection(retryMs: number): void {
    if (!this.#ended) this.#view.suspendConnection?.(retryMs);
  }

  /**
   * Hands everything said so far to the connection.
   *
   * @returns resolves when the host has had a turn to send it
   */
  flush(): Promise<void> {
    this.#pacer?.flush();
    if (!this.#ended) this.#view.flush();
    return nextTurn();
  }

  /** Sends any other event. */
  send(event: CallEvent): Promise<void> | undefined {
    return this.#ended ? undefined : this.#view.send(event);
  }

  /** Runs `cleanup` once when the call ends; at once if it has ended. */
  onCleanup(cleanup: () => unknown): void {
    if (this.#ended) void this.#runCleanup(cleanup);
    else if (this.#cleanups === undefined) this.#cleanups = [cleanup];
    else this.#cleanups.push(cleanup);
  }

  /** Runs `listener` once the caller has been answered: when the call ends, or is handed over. */
  onAnswered(listener: () => void): void {
    if (this.#ended || this.#isHandedOver) listener();
    else if (this.#onAnswered === undefined) this.#onAnswered = [listener];
    else this.#onAnswered.push(listener);
  }

  /**
   * Answers the caller and goes on before another view. Who called can do nothing to the call any
   * more, neither by leaving nor by cancelling.
   */
  handOver(view: CallView, outcome: Outcome): void {
    if (this.#ended) return;
    this.#pacer?.flush();
    this.#pacer = undefined;
    this.#proofEnd?.cancel();
    this.#idleLimit?.cancel();
    this.#idleLimit = undefined;
    const before = this.#view;
    this.#view = view;
    this.#isHandedOver = true;
    this.#wantsProgress = true;
    this.#answered();
    before.finish(outcome);
  }

  /** Ends the call with its outcome. Later outcomes are dropped. */
  finish(outcome: Outcome): void {
    if (this.#ended) return;
    this.#pacer?.flush();
    this.#end();
    const failure = this.#view.finish(outcome);
    // What is too large is said to the caller; what has no JSON form is for the author alone.
    if (failure?.code === 'ERR_INTERNAL') this.#logUntold(failure);
  }

  #logUntold(failure: StromError): void {
    const correlation = this.correlation;
    this.#host.logger.error(
      { err: failure, ...(correlation !== undefined && { correlation }) },
      'a result could not be told',
    );
  }

  /** Stops the handler and answers with the reason. */
  stop(reason: StromError): void {
    if (this.#ended) return;
    this.#abortWith(reason);
    this.finish({ kind: 'error', error: reason });
  }

  /** Stops the handler without an answer: the caller has cancelled, or is gone. */
  cancel(reason: StromError): void {
    if (!this.#isHandedOver) this.abandon(reason);
  }

  /** Stops the handler without an answer, whoever called. */
  abandon(reason: StromError): void {
    if (this.#ended) return;
    this.#abortWith(reason);
    this.#pacer?.discard();
    this.#end();
    this.#view.abandon(reason);
  }

  #abortWith(reason: StromError): void {
    this.#abortReason = reason;
    this.#abort?.abort(reason);
  }

  #end(): void {
    this.#ended = true;
    this.#deadline?.cancel();
    this.#idleLimit?.cancel();
    this.#proofEnd?.cancel();
    if (!this.#isHandedOver) this.#answered();
    const cleanups = this.#cleanups;
    this.#cleanups = undefined;
    if (cleanups !== undefined) {
      for (const cleanup of cleanups) void this.#runCleanup(cleanup);
    }
    this.#host.onEnd(this);
  }

  #answered(): void {
    this.#host.onAnswered?.(this);
    const listeners = this.#onAnswered;
    this.#onAnswered = undefined;
    for (const listener of listeners ?? []) listener();
  }

  /** Never rejects: a failing cleanup is logged and must not hide the outcome. */
  async #runCleanup(cleanup: () => unknown): Promise<void> {
    try {
      await cleanup();
    } catch (error) {
      this.#host.logger.error({ err: error }, 'a cleanup of a call failed');
    }
  }
}

function cannotAsk(): StromError {
  return publicError('ERR_MISSING_CAPABILITY', 'The caller cannot be asked any more');
}

function logEvent(level: LogLevel, data: unknown, logger: unknown): LogEvent {
  return { kind: 'log', level, data, logger: typeof logger === 'string' ? logger : undefined };
}

/** What was given in place of a text, which need not be one. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : `of type ${typeof value}`;
}

function chunkText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
