import { describe, expect, it } from 'vitest';
import { KeepAlive } from '../../../src/transports/http/keep-alive.ts';
import { TestClock } from '../../harness/test-clock.ts';

const PERIOD_MS = 1600;
const GROUPS = 16;

function setUp(count: number) {
  const clock = new TestClock();
  const keepAlive = new KeepAlive(clock, PERIOD_MS);
  const asked: number[] = [];
  const streams = Array.from({ length: count }, (_, index) => ({
    place: undefined,
    keepAlive: () => void asked.push(index),
  }));
  for (const stream of streams) keepAlive.add(stream);
  return { clock, keepAlive, asked, streams };
}

describe('KeepAlive', () => {
  it('asks every stream once a period, evenly spread over it', () => {
    const { clock, asked, streams } = setUp(1000);
    for (let round = 1; round <= 3; round += 1) {
      for (let group = 1; group <= GROUPS; group += 1) {
        const before = asked.length;
        clock.advance(PERIOD_MS / GROUPS);
        expect(asked.length - before).toBeLessThanOrEqual(Math.ceil(1000 / GROUPS));
      }
      expect(asked.splice(0).sort((one, other) => one - other)).toEqual([...streams.keys()]);
    }
  });

  it('asks nobody where the period is 0', () => {
    const clock = new TestClock();
    const keepAlive = new KeepAlive(clock, 0);
    keepAlive.add({ place: undefined, keepAlive: () => expect.unreachable() });
    expect(clock.pending).toBe(0);
    expect(keepAlive.size).toBe(1);
  });

  it('asks a stream that is alone once, at the end of the period', () => {
    const { clock, asked } = setUp(1);
    clock.advance(PERIOD_MS - 1);
    expect(asked).toEqual([]);
    clock.advance(1);
    expect(asked).toEqual([0]);
  });

  it('asks those who stay once while others come and go', () => {
    const { clock, keepAlive, asked, streams } = setUp(100);
    clock.advance(PERIOD_MS / 2);
    for (const stream of streams.slice(0, 50)) keepAlive.delete(stream);
    let asksNew = 0;
    keepAlive.add({ place: undefined, keepAlive: () => (asksNew += 1) });
    clock.advance(PERIOD_MS / 2);
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.filter((index) => index >= 50)).toHaveLength(50);
    clock.advance(PERIOD_MS / 2);
    expect(asksNew).toBe(1);
  });

  it('has no timer while there are no streams', () => {
    const { clock, keepAlive, asked, streams } = setUp(10);
    expect(clock.pending).toBe(1);
    clock.advance(PERIOD_MS / 2);
    for (const stream of streams) keepAlive.delete(stream);
    expect([clock.pending, keepAlive.size]).toEqual([0, 0]);
    for (const stream of streams) keepAlive.add(stream);
    asked.length = 0;
    clock.advance(PERIOD_MS);
    expect(asked).toHaveLength(10);
  });
});
