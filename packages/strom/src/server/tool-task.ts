/**
 * Whether and how the calls of a tool become tasks.
 *
 * @module
 */
import { type Duration, durationMs } from '../base/duration.ts';
import type { TaskSettings } from '../tasks/task-engine.ts';

/** How a tool behaves as a task. */
export interface TaskOptions {
  /**
   * `optional`: callers that take tasks get one, all others a plain call. `required`: callers that
   * take none are refused with `ERR_MISSING_CAPABILITY`. Default `optional`.
   */
  mode?: 'optional' | 'required';
  /**
   * How long a call runs as a stream before it goes on as a task. 0: it is a task from the start.
   * `'detach'`: when the handler says so with `ctx.detach()`. Default 0.
   */
  after?: Duration | 'detach';
  /**
   * The handler may be run again from its beginning when the process that ran it has stopped: what
   * it did in `ctx.step` is not done again. Otherwise such a task ends as failed. Default `false`.
   */
  resumable?: boolean;
  /**
   * Attempts in a row at a resumable task, each of which ended with its process before a new step was
   * done; then the task fails. Default 3.
   */
  maxAttempts?: number;
  /** How long a task and its result are kept, from its creation on. Default `'24h'`. */
  ttl?: Duration;
  /** How often clients are told to ask for news. Default `'1s'`. */
  pollInterval?: Duration;
  /**
   * A call with the same arguments by the same caller within this time joins the one before, or gets
   * its result, instead of running again. Default: only calls that carry the same
   * `strom/idempotencyKey` in `_meta` do.
   */
  attachWithin?: Duration;
  /**
   * What a caller that takes no tasks gets from a call that lasts longer than `fallbackAfter`.
   * `stream`: the stream goes on. `rounds`: where the revision allows it, the call is answered and the
   * client asks on by itself, at most {@link MAX_WAITING_ROUNDS} times; then the stream goes on.
   * `follow-up`: a text that tells the model to call the tool `get_result` for the rest. Default `stream`.
   */
  fallback?: 'stream' | 'rounds' | 'follow-up';
  /** Default `'45s'`: many hosts cut a call at 60 seconds. */
  fallbackAfter?: Duration;
}

/** `forbidden`: a plain call, always. `optional` and `required` stand for {@link TaskOptions.mode}. */
export type ToolTask = 'forbidden' | 'optional' | 'required' | TaskOptions;

/** Rounds that only wait; clients give up after a number of rounds. */
export const MAX_WAITING_ROUNDS = 3;

export interface CompiledTask extends TaskSettings {
  readonly isRequired: boolean;
  /** Milliseconds; `undefined` for when the handler says so. */
  readonly afterMs: number | undefined;
  readonly attachWithinMs: number | undefined;
  readonly fallback: 'stream' | 'rounds' | 'follow-up';
  readonly fallbackAfterMs: number;
}

/** @throws {TypeError} naming the option that cannot hold */
export function compileToolTask(
  task: ToolTask | undefined,
  hasOutput: boolean,
): CompiledTask | undefined {
  if (task === undefined || task === 'forbidden') return undefined;
  const options = typeof task === 'string' ? { mode: task } : task;
  const { mode = 'optional', after = 0, fallback = 'stream', maxAttempts = 3 } = options;
  if (mode !== 'optional' && mode !== 'required') {
    throw new TypeError('task must be forbidden, optional, required or an object of options');
  }
  if (!['stream', 'rounds', 'follow-up'].includes(fallback)) {
    throw new TypeError('task.fallback must be stream, rounds or follow-up');
  }
  if (fallback === 'follow-up' && hasOutput) {
    throw new TypeError(
      'task.fallback: follow-up answers with text, which breaks an output schema',
    );
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new TypeError('task.maxAttempts must be a whole number from 1 on');
  }
  return {
    isRequired: mode === 'required',
    afterMs: after === 'detach' ? undefined : durationMs(after, 'task.after'),
    isResumable: options.resumable === true,
    maxAttempts,
    ttlMs: positive(options.ttl ?? '24h', 'task.ttl'),
    pollIntervalMs: positive(options.pollInterval ?? '1s', 'task.pollInterval'),
    attachWithinMs:
      options.attachWithin === undefined
        ? undefined
        : durationMs(options.attachWithin, 'task.attachWithin'),
    fallback,
    fallbackAfterMs: positive(options.fallbackAfter ?? '45s', 'task.fallbackAfter'),
  };
}

function positive(value: Duration, name: string): number {
  const ms = durationMs(value, name);
  if (ms === 0) throw new TypeError(`${name} must be longer than nothing`);
  return ms;
}
