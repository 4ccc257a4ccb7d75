import { describe, expect, it } from 'vitest';
import { ProgressPacer } from '../../src/calls/call-pace.ts';
import type { ProgressEvent } from '../../src/protocol/call-event.ts';
import { TestClock } from '../harness/test-clock.ts';

function pacer(maxPerSecond: number) {
  const clock = new TestClock();
  const sent: number[] = [];
  const reader = {
    send({ progress }: ProgressEvent): undefined {
      sent.push(progress);
    },
  };
  return { clock, sent, pace: new ProgressPacer(clock, maxPerSecond, reader) };
}

const report = (progress: number): ProgressEvent => ({
  kind: 'progress',
  progress,
  total: undefined,
  message: undefined,
});

describe('ProgressPacer', () => {
  it('sends the first report at once and then the newest of each interval', () => {
    const { clock, sent, pace } = pacer(10);
    for (let step = 1; step <= 5; step += 1) void pace.progress(report(step));
    expect(sent).toEqual([1]);
    clock.advance(100);
    expect(sent).toEqual([1, 5]);
    void pace.progress(report(6));
    void pace.progress(report(7));
    expect(sent).toEqual([1, 5]);
    clock.advance(100);
    expect(sent).toEqual([1, 5, 7]);
  });

  it('keeps its pace when the time of day is set back', () => {
    const { clock, sent, pace } = pacer(10);
    void pace.progress(report(1));
    clock.step(-600_000);
    void pace.progress(report(2));
    clock.advance(100);
    expect(sent).toEqual([1, 2]);
  });

  it('sends what it holds when the call ends, and leaves no timer', () => {
    const { clock, sent, pace } = pacer(1);
    void pace.progress(report(1));
    void pace.progress(report(2));
    pace.flush();
    expect(sent).toEqual([1, 2]);
    expect(clock.pending).toBe(0);
  });

  it('never exceeds the rate over a long run', () => {
    const { clock, sent, pace } = pacer(20);
    for (let step = 1; step <= 1000; step += 1) {
      void pace.progress(report(step));
      clock.advance(1);
    }
    expect(sent.length).toBeLessThanOrEqual(21);
    expect(sent.length).toBeGreaterThanOrEqual(19);
  });
});
