import { describe, expect, it } from 'vitest';
import { LOG_LEVELS, type LogLevel } from '../../src/base/log-level.ts';
import { publicError } from '../../src/base/strom-error.ts';
import { Call } from '../../src/calls/call.ts';
import type { OperationRequest } from '../../src/protocol/operation.ts';
import { FakeView, requestFor } from '../harness/fake-view.ts';
import { LogRecorder } from '../harness/log-recorder.ts';
import { TestClock } from '../harness/test-clock.ts';

interface SetUp {
  readonly request?: Partial<OperationRequest>;
  readonly carriesChunks?: boolean;
}

function setUp({ request, carriesChunks }: SetUp = {}) {
  const clock = new TestClock();
  const logger = new LogRecorder();
  const view = new FakeView(carriesChunks);
  const ended: Call[] = [];
  const call = new Call(requestFor(request), view, {
    clock,
    logger,
    onEnd: (each) => ended.push(each),
  });
  return { call, view, clock, logger, ended };
}

const RESULT = { kind: 'result', result: { ok: true } } as const;
const CANCELLED = publicError('ERR_CANCELLED', 'cancelled');

describe('Call: progress', () => {
  it('only ever grows', () => {
    const { call, view } = setUp();
    for (const value of [1, 1, 0.5, 2, Number.NaN, -1, Number.POSITIVE_INFINITY, 2.5]) {
      void call.progress(value, 10, 'm');
    }
    void call.progress('7' as unknown as number);
    expect(view.events.map((event) => event.kind === 'progress' && event.progress)).toEqual([
      1, 2, 2.5,
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '7', 7n, Symbol('s'), {}])(
    'leaves out what is no total and no message',
    (value) => {
      const { call, view } = setUp();
      const message = typeof value === 'string' ? 7 : value;
      void call.progress(1, value as number, message as string);
      const left = { kind: 'progress', progress: 1, total: undefined, message: undefined };
      expect(view.events).toEqual([left]);
    },
  );

  it('starts below zero if it must', () => {
    const { call, view } = setUp();
    void call.progress(-5);
    void call.progress(0);
    expect(view.events).toHaveLength(2);
  });

  it('is absent when nobody asked', () => {
    const { call, view } = setUp({ request: { wantsProgress: false } });
    expect(call.progress(1, 2, 'x')).toBeUndefined();
    expect(view.events).toEqual([]);
  });

  it('is silent after the result, after a cancellation and after a stop', () => {
    for (const end of [
      (call: Call) => call.finish(RESULT),
      (call: Call) => call.cancel(CANCELLED),
      (call: Call) => call.stop(CANCELLED),
    ]) {
      const { call, view } = setUp();
      end(call);
      void call.progress(1);
      void call.log({ level: 'emergency', data: 'x' });
      void call.chunk('x');
      expect(view.events).toEqual([]);
    }
  });

  it('hands the wait for a slow reader to the handler', async () => {
    const { call, view } = setUp();
    expect(call.progress(1)).toBeUndefined();
    view.busy = Promise.resolve();
    expect(call.progress(2)).toBe(view.busy);
    expect(call.log({ level: 'info', data: 1 })).toBe(view.busy);
    expect(call.progress(2)).toBeUndefined();
  });

  it('keeps to its pace, with the newest sent when its turn comes', () => {
    const { call, view, clock } = setUp();
    call.setPace({ maxProgressPerSecond: 10 });
    for (const value of [1, 2, 3, 4]) void call.progress(value);
    clock.advance(99);
    expect(view.events).toMatchObject([{ progress: 1 }]);
    clock.advance(1);
    expect(view.events).toMatchObject([{ progress: 1 }, { progress: 4 }]);
    void call.progress(5);
    call.finish(RESULT);
    expect(view.events).toMatchObject([{ progress: 1 }, { progress: 4 }, { progress: 5 }]);
    expect(clock.pending).toBe(0);
  });

  it('is not sent from what the pace held back once the call is cancelled', () => {
    const { call, view, clock } = setUp();
    call.setPace({ maxProgressPerSecond: 10 });
    void call.progress(1);
    void call.progress(2);
    call.cancel(CANCELLED);
    clock.advance(1000);
    expect(view.events).toMatchObject([{ progress: 1 }]);
    expect(clock.pending).toBe(0);
  });
});

describe('Call: log lines', () => {
  const sentAt = (minimum: LogLevel | undefined): LogLevel[] => {
    const { call, view } = setUp({ request: { logGate: { level: minimum } } });
    for (const level of LOG_LEVELS) void call.log({ level, data: level });
    return view.events.flatMap((event) => (event.kind === 'log' ? [event.level] : []));
  };

  it('pass from the level on that the client asked for, and not at all when it asked for none', () => {
    expect(sentAt('debug')).toEqual(LOG_LEVELS);
    expect(sentAt('error')).toEqual(['error', 'critical', 'alert', 'emergency']);
    expect(sentAt('emergency')).toEqual(['emergency']);
    expect(sentAt(undefined)).toEqual([]);
  });

  it('follow a level that changes while the call runs', () => {
    const logGate: { level: LogLevel } = { level: 'error' };
    const { call, view } = setUp({ request: { logGate } });
    void call.log({ level: 'info', data: 1 });
    logGate.level = 'info';
    void call.log({ level: 'info', data: 2 });
    expect(view.events).toMatchObject([{ data: 2 }]);
  });

  it.each(['warn', 'info","data":"forged', undefined, Symbol('s')])(
    'have one of the eight levels, whoever listens: not %s',
    (level) => {
      for (const minimum of ['debug', undefined] as const) {
        const { call } = setUp({ request: { logGate: { level: minimum } } });
        expect(() => call.log({ level: level as LogLevel, data: 1 })).toThrow(TypeError);
      }
    },
  );

  it.each([7, 7n, Symbol('s'), {}])('leave out a logger that is no text', (logger) => {
    const { call, view } = setUp({ request: { logGate: { level: 'debug' } } });
    void call.log({ level: 'info', data: 1, logger: logger as string });
    expect(view.events).toEqual([{ kind: 'log', level: 'info', data: 1, logger: undefined }]);
  });
});

describe('Call: chunks', () => {
  it('go as they are to a reader that takes them', () => {
    const { call, view } = setUp({ carriesChunks: true });
    void call.chunk({ a: 1 });
    expect(view.events).toEqual([{ kind: 'chunk', value: { a: 1 } }]);
  });

  it('are told as progress that counts them', () => {
    const { call, view } = setUp();
    void call.chunk('one');
    void call.chunk({ a: 1 });
    expect(view.events).toMatchObject([
      { kind: 'progress', progress: 1, message: 'one' },
      { kind: 'progress', progress: 2, message: '{"a":1}' },
    ]);
  });

  it('are told as log lines when the handler counts itself, or no progress is wanted', () => {
    const counting = setUp();
    void counting.call.progress(10, 20);
    void counting.call.chunk('one');
    expect(counting.view.events).toMatchObject([
      { kind: 'progress', progress: 10 },
      { kind: 'log', level: 'info', data: 'one' },
    ]);
    const quiet = setUp({ request: { wantsProgress: false } });
    void quiet.call.chunk('one');
    expect(quiet.view.events).toMatchObject([{ kind: 'log', data: 'one' }]);
  });
});

describe('Call: its end', () => {
  it('comes once, whoever ends it first', () => {
    const { call, view, ended } = setUp();
    call.finish(RESULT);
    call.finish({ kind: 'result', result: { second: true } });
    call.stop(CANCELLED);
    call.cancel(CANCELLED);
    expect(view.outcome).toBe(RESULT);
    expect(view.isAbandoned).toBe(false);
    expect(ended).toEqual([call]);
    expect(call.ended).toBe(true);
  });

  it('is answered with the reason when it was stopped, and not at all when cancelled', () => {
    const stopped = setUp();
    const deadline = publicError('ERR_DEADLINE', 'late');
    stopped.call.stop(deadline);
    expect(stopped.view.outcome).toEqual({ kind: 'error', error: deadline });
    expect(stopped.call.signal.reason).toBe(deadline);
    const cancelled = setUp();
    cancelled.call.cancel(CANCELLED);
    expect(cancelled.view).toMatchObject({ outcome: undefined, isAbandoned: true });
    expect(cancelled.call.signal).toMatchObject({ aborted: true, reason: CANCELLED });
  });

  it('aborts a signal that was taken before, and leaves it alone after a result', () => {
    const cancelled = setUp();
    const { signal } = cancelled.call;
    cancelled.call.cancel(CANCELLED);
    expect(signal).toMatchObject({ aborted: true, reason: CANCELLED });
    const done = setUp();
    const kept = done.call.signal;
    done.call.finish(RESULT);
    expect(kept.aborted).toBe(false);
  });

  it('comes within a second after a limit of minutes', () => {
    const { call, view, clock } = setUp();
    call.limitTo(120_000);
    clock.advance(119_999);
    expect(call.ended).toBe(false);
    clock.advance(1001);
    expect(view.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_DEADLINE' } });
  });

  it.each([3_600_000, -3_600_000])('comes in time though the clock is set by %i ms', (ms) => {
    const [long, silent] = [setUp(), setUp()];
    long.call.limitTo(120_000);
    silent.call.limitIdleTo(1000);
    for (const { clock } of [long, silent]) clock.step(ms);
    long.clock.advance(119_999);
    expect(long.call.ended).toBe(false);
    long.clock.advance(1001);
    expect(long.call.ended).toBe(true);
    silent.clock.advance(500);
    void silent.call.progress(1);
    silent.clock.step(ms);
    silent.clock.advance(999);
    expect(silent.call.ended).toBe(false);
    silent.clock.advance(1);
    expect(silent.call.ended).toBe(true);
  });

  it('comes with ERR_DEADLINE when the time is up, the latest limit counting', () => {
    const { call, view, clock } = setUp();
    call.limitTo(1000);
    call.limitTo(200);
    clock.advance(199);
    expect(call.ended).toBe(false);
    clock.advance(1);
    expect(view.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_DEADLINE' } });
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer behind', () => {
    const { call, clock } = setUp();
    call.limitTo(1000);
    call.finish(RESULT);
    expect(clock.pending).toBe(0);
  });

  it('runs every cleanup once, also one that comes late, and logs those that fail', async () => {
    const { call, view, logger } = setUp();
    const runs: string[] = [];
    const failure = new Error('disk');
    call.onCleanup(() => {
      throw failure;
    });
    call.onCleanup(() => Promise.reject(failure));
    call.onCleanup(() => runs.push('early'));
    call.finish(RESULT);
    call.stop(CANCELLED);
    call.onCleanup(() => runs.push('late'));
    await Promise.resolve();
    expect(runs).toEqual(['early', 'late']);
    expect(view.outcome).toBe(RESULT);
    expect(logger.at('error').map(({ fields }) => fields['err'])).toEqual([failure, failure]);
  });
});
