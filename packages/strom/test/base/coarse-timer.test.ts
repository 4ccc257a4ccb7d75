import { describe, expect, it } from 'vitest';
import { coarseTimer, coarseTimerAt } from '../../src/base/coarse-timer.ts';
import { TestClock } from '../harness/test-clock.ts';

describe('coarseTimer', () => {
  it('runs each task once, within a second after its time', () => {
    const clock = new TestClock();
    const ran: string[] = [];
    coarseTimer(clock, 5000, () => ran.push('later'));
    coarseTimer(clock, 1500, () => ran.push('sooner'));
    clock.advance(1499);
    expect(ran).toEqual([]);
    clock.advance(1001);
    expect(ran).toEqual(['sooner']);
    clock.advance(60_000);
    expect(ran).toEqual(['sooner', 'later']);
  });

  it('runs nothing that was cancelled, twice as well', () => {
    const clock = new TestClock();
    const timer = coarseTimer(clock, 10, () => expect.unreachable());
    timer.cancel();
    timer.cancel();
    clock.advance(10_000);
  });

  it('waits for a span of time, or for a time of day, where that is set', () => {
    const clock = new TestClock();
    const ran: string[] = [];
    coarseTimer(clock, 10_000, () => ran.push('span'));
    coarseTimerAt(clock, clock.now() + 3_600_000, () => ran.push('time of day'));
    clock.step(3_600_000);
    clock.advance(1000);
    expect(ran).toEqual(['time of day']);
    clock.step(-7_200_000);
    clock.advance(10_000);
    expect(ran).toEqual(['time of day', 'span']);
  });

  it('takes one timer for all, which stops when nothing waits any more', () => {
    const clock = new TestClock();
    const timers = Array.from({ length: 100 }, () => coarseTimer(clock, 1e6, () => {}));
    expect(clock.pending).toBe(1);
    for (const timer of timers) timer.cancel();
    clock.advance(1000);
    expect(clock.pending).toBe(0);
  });
});
