import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplayBuffer } from '../../src/session/replay-buffer.ts';

function setUp(maxBytes: number) {
  let accounted = 0;
  const account = (delta: number): void => {
    accounted += delta;
  };
  return { buffer: new ReplayBuffer({ maxBytes, account }), accounted: () => accounted };
}

describe('ReplayBuffer', () => {
  it('gives the frames of one stream after a sequence number, in order', () => {
    const { buffer } = setUp(1000);
    for (const sequence of [1, 2, 3]) {
      buffer.append({ streamId: 'a', sequence, frame: `a${sequence}` });
      buffer.append({ streamId: 'b', sequence, frame: `b${sequence}` });
    }
    expect(buffer.after('a', 1).map(({ frame }) => frame)).toEqual(['a2', 'a3']);
    expect(buffer.after('b', 0).map(({ frame }) => frame)).toEqual(['b1', 'b2', 'b3']);
    expect(buffer.after('c', 0)).toEqual([]);
  });

  it('keeps the newest frame, however large', () => {
    const { buffer, accounted } = setUp(10);
    buffer.append({ streamId: 'a', sequence: 1, frame: 'x'.repeat(100) });
    expect(buffer.after('a', 0)).toHaveLength(1);
    buffer.append({ streamId: 'a', sequence: 2, frame: 'y' });
    expect(buffer.after('a', 0).map(({ frame }) => frame)).toEqual(['y']);
    expect(accounted()).toBe(1);
  });

  it('counts bytes, not characters', () => {
    const { buffer, accounted } = setUp(10);
    buffer.append({ streamId: 'a', sequence: 1, frame: '漢漢' });
    buffer.append({ streamId: 'a', sequence: 2, frame: '😀' });
    expect([buffer.after('a', 0).length, accounted()]).toEqual([2, 10]);
    buffer.append({ streamId: 'a', sequence: 3, frame: 'é' });
    expect(buffer.after('a', 0).map(({ frame }) => frame)).toEqual(['😀', 'é']);
    expect(accounted()).toBe(6);
  });

  it('stays within its bound, drops the oldest first and knows what it has', () => {
    const frames = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 9 })),
    );
    fc.assert(
      fc.property(frames, (all) => {
        const { buffer, accounted } = setUp(30);
        const sent = all.map(([streamId, chars], index) => ({
          streamId,
          sequence: index + 1,
          frame: 'x'.repeat(chars),
        }));
        for (const frame of sent) buffer.append(frame);
        const kept = ['a', 'b', 'c'].flatMap((id) => buffer.after(id, 0));
        const first = Math.min(...kept.map(({ sequence }) => sequence));
        expect(kept).toHaveLength(sent.filter(({ sequence }) => sequence >= first).length);
        expect(kept.reduce((sum, { frame }) => sum + frame.length, 0)).toBe(accounted());
        expect(accounted()).toBeLessThanOrEqual(30);
        for (const id of ['a', 'b', 'c']) {
          expect(buffer.has(id)).toBe(buffer.after(id, 0).length > 0);
        }
        buffer.clear();
        expect(accounted()).toBe(0);
        expect(buffer.has('a')).toBe(false);
      }),
    );
  });

  it('takes a hundred thousand frames of thousands of streams in linear time', () => {
    const { buffer } = setUp(1_000_000);
    const startedMs = performance.now();
    for (let count = 0; count < 100_000; count += 1) {
      const streamId = String(count % 5000);
      buffer.append({ streamId, sequence: count, frame: 'x'.repeat(100) });
      buffer.has(streamId);
    }
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
