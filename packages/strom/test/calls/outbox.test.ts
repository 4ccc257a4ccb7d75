import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterMicrotasks } from '../../src/base/after-microtasks.ts';
import { Outbox, type OutboxLimits, type OutboxTarget } from '../../src/calls/outbox.ts';

/** A reader that can be told to stop reading. */
class FakeReader implements OutboxTarget {
  readonly writes: string[] = [];
  ended: string | undefined;
  isReading = true;

  write(text: string): boolean {
    this.writes.push(text);
    return this.isReading;
  }

  end(text: string): void {
    this.ended = text;
  }

  get text(): string {
    return this.writes.join('');
  }
}

const turn = (): Promise<void> => new Promise((resolve) => afterMicrotasks(resolve));

function setUp(limits?: OutboxLimits) {
  const reader = new FakeReader();
  const outbox = new Outbox(reader, {
    ...(limits !== undefined && { limits }),
    droppedNotice: (count) => `[${count} dropped]`,
  });
  return { reader, outbox, owner: {} };
}

/** An outbox whose reader has just stopped reading. */
async function setUpStalled(limits?: OutboxLimits) {
  const all = setUp(limits);
  all.reader.isReading = false;
  void all.outbox.push('first;', 'keep', all.owner);
  await turn();
  all.reader.writes.length = 0;
  return all;
}

function catchUp({ reader, outbox }: { reader: FakeReader; outbox: Outbox }): void {
  reader.isReading = true;
  outbox.drained();
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([promise.then(() => true), turn().then(() => false)]);
}

const SMALL: OutboxLimits = { maxQueuedBytes: 10, maxQueuedLogBytes: 10 };

describe('Outbox: a reader that keeps up', () => {
  it('gets the frames of one turn, and of its microtasks, in one write', async () => {
    const { reader, outbox, owner } = setUp();
    expect(outbox.push('a', 'newest', owner)).toBeUndefined();
    expect(outbox.push('b', 'droppable', owner)).toBeUndefined();
    await Promise.resolve();
    expect(outbox.push('c', 'keep', owner)).toBeUndefined();
    expect(reader.writes).toEqual([]);
    await turn();
    expect(reader.writes).toEqual(['abc']);
    void outbox.push('d', 'keep', owner);
    await turn();
    expect(reader.writes).toEqual(['abc', 'd']);
  });

  it('gets more than 64 KiB before the turn ends', () => {
    const { reader, outbox, owner } = setUp();
    const frame = 'x'.repeat(20 * 1024);
    for (let count = 0; count < 4; count += 1) void outbox.push(frame, 'newest', owner);
    expect(reader.writes).toEqual([frame.repeat(4)]);
  });

  it('gets every frame, also one larger than what is kept for a slow reader', async () => {
    const { reader, outbox, owner } = setUp(SMALL);
    const log = 'l'.repeat(100);
    void outbox.push(log, 'droppable', owner);
    void outbox.push('p'.repeat(100), 'newest', owner);
    void outbox.push('q'.repeat(100), 'newest', owner);
    await turn();
    expect(reader.text).toBe(log + 'p'.repeat(100) + 'q'.repeat(100));
  });

  it('gets the last frame together with what is queued', () => {
    const { reader, outbox, owner } = setUp();
    void outbox.push('a', 'newest', owner);
    outbox.end('z');
    expect(reader.ended).toBe('az');
    expect(outbox.closed).toBe(true);
  });

  it('gets nothing after the end', async () => {
    const { reader, outbox, owner } = setUp();
    outbox.end('z');
    expect(outbox.push('late', 'keep', owner)).toBeUndefined();
    outbox.keepAlive(':');
    outbox.end('twice');
    await turn();
    expect([reader.text, reader.ended]).toEqual(['', 'z']);
  });
});

describe('Outbox: a reader that is behind', () => {
  it('makes all senders wait on one promise until it has caught up', async () => {
    const { reader, outbox, owner } = await setUpStalled();
    const one = outbox.push('a', 'newest', owner);
    const other = outbox.push('b', 'keep', {});
    expect(one).toBeInstanceOf(Promise);
    expect(other).toBe(one);
    expect(await isSettled(one as Promise<void>)).toBe(false);
    outbox.drained();
    expect(reader.writes).toEqual(['ab']);
    expect(await isSettled(one as Promise<void>)).toBe(false);
    catchUp({ reader, outbox });
    expect(await isSettled(one as Promise<void>)).toBe(true);
  });

  it('gets the newest progress of each owner beyond the bound, and nothing older', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox, owner } = all;
    const other = {};
    for (const count of [1, 2, 3, 4]) void outbox.push(`a${count}..;`, 'newest', owner);
    void outbox.push('b1...;', 'newest', other);
    void outbox.push('b2...;', 'newest', other);
    catchUp(all);
    expect(reader.text).toBe('a1..;a2..;a4..;b2...;');
  });

  it('is kept waiting frames up to the bound in bytes, not in characters', async () => {
    const { reader, outbox, owner } = await setUpStalled(SMALL);
    for (const frame of ['漢漢漢', 'é', '漢']) void outbox.push(frame, 'newest', owner);
    for (const frame of ['😀😀', 'ñ', '!']) void outbox.push(frame, 'droppable', {});
    catchUp({ reader, outbox });
    // 9 bytes of progress leave no room for two more; 10 of log lines leave none for another.
    expect(reader.text).toBe('漢漢漢😀😀ñ漢[1 dropped]');
  });

  it('is overfull when more bytes wait than the bound has, however few characters', async () => {
    const gauge = { bytes: 0 };
    const reader = new FakeReader();
    const outbox = new Outbox(reader, { limits: SMALL, gauge });
    reader.isReading = false;
    void outbox.push('first;', 'keep', outbox);
    await turn();
    void outbox.push('漢漢漢', 'keep', outbox);
    expect([outbox.isOverfull, gauge.bytes]).toEqual([false, 9]);
    void outbox.push('é', 'keep', outbox);
    expect([outbox.isOverfull, gauge.bytes]).toEqual([true, 11]);
    catchUp({ reader, outbox });
    expect([outbox.isOverfull, gauge.bytes]).toEqual([false, 0]);
  });

  it('never loses progress that is awaited', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox } = all;
    const counts = Array.from({ length: 50 }, (_, index) => index);
    const sender = (async () => {
      for (const count of counts) {
        reader.isReading = false;
        await outbox.push(`<${count}>`, 'newest', all.owner);
        if (count % 3 === 0) await turn();
      }
      return true;
    })();
    while ((await Promise.race([sender, turn()])) !== true) catchUp(all);
    catchUp(all);
    expect(reader.text).toBe(counts.map((count) => `<${count}>`).join(''));
  });

  it('is told once how many log lines it missed', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox, owner } = all;
    for (const count of [1, 2, 3, 4, 5]) void outbox.push(`l${count}..;`, 'droppable', owner);
    catchUp(all);
    expect(reader.text).toBe('l1..;l2..;[3 dropped]');
    void outbox.push('l6', 'droppable', owner);
    await turn();
    expect(reader.text).toBe('l1..;l2..;[3 dropped]l6');
  });

  it('is told of log lines it missed before the result of the call that said them', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox, owner } = all;
    for (const count of [1, 2, 3, 4, 5]) void outbox.push(`l${count}..;`, 'droppable', owner);
    void outbox.push('result;', 'keep', owner);
    void outbox.push('l6..;', 'droppable', owner);
    catchUp(all);
    expect(reader.text).toBe('l1..;l2..;[3 dropped]result;[1 dropped]');
  });

  it('gets the same change once, however often it was told', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox, owner } = all;
    for (const frame of ['tools;', 'prompts;', 'tools;']) void outbox.push(frame, 'once', owner);
    catchUp(all);
    expect(reader.text).toBe('tools;prompts;');
    void outbox.push('tools;', 'once', owner);
    await turn();
    expect(reader.text).toBe('tools;prompts;tools;');
  });

  it('gets what must be kept, however much, and after the progress of its owner', async () => {
    const all = await setUpStalled(SMALL);
    const { reader, outbox, owner } = all;
    void outbox.push('p'.repeat(10), 'newest', owner);
    void outbox.push('newest', 'newest', owner);
    void outbox.push('r'.repeat(100), 'keep', owner);
    catchUp(all);
    expect(reader.text).toBe(`${'p'.repeat(10)}newest${'r'.repeat(100)}`);
  });

  it('gets no log line ahead of earlier progress of the same owner', async () => {
    const all = await setUpStalled({ maxQueuedBytes: 10, maxQueuedLogBytes: 1000 });
    const { reader, outbox, owner } = all;
    void outbox.push('p1.......;', 'newest', owner);
    void outbox.push('p2', 'newest', owner);
    void outbox.push('log', 'droppable', owner);
    void outbox.push('log of another', 'droppable', {});
    catchUp(all);
    expect(reader.text).toBe('p1.......;log of anotherp2[1 dropped]');
  });

  it('is sent no keep-alive on top of what it has not read', async () => {
    const { reader, outbox } = await setUpStalled();
    outbox.keepAlive(':');
    expect(reader.writes).toEqual([]);
  });

  it('gets the last frame with everything queued, and its senders are released', async () => {
    const { reader, outbox, owner } = await setUpStalled();
    const waiting = outbox.push('a', 'newest', owner) as Promise<void>;
    outbox.end('z');
    expect(reader.ended).toBe('az');
    expect(await isSettled(waiting)).toBe(true);
  });

  it('releases all who wait when it goes, and costs nothing any more', async () => {
    const { reader, outbox, owner } = await setUpStalled();
    const waiting = outbox.push('a', 'newest', owner) as Promise<void>;
    outbox.gone();
    expect(await isSettled(waiting)).toBe(true);
    expect(outbox.push('b', 'keep', owner)).toBeUndefined();
    outbox.drained();
    await turn();
    expect(reader.writes).toEqual([]);
  });
});

type Policy = 'keep' | 'newest' | 'droppable';

type Step =
  | { readonly kind: 'push'; readonly policy: Policy; readonly owner: 0 | 1 | 2; chars: number }
  | { readonly kind: 'stall' | 'drain' | 'turn' };

interface Sent {
  readonly text: string;
  readonly policy: Policy;
  readonly owner: number;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('push' as const),
    policy: fc.constantFrom<Policy>('keep', 'newest', 'droppable'),
    owner: fc.constantFrom(0 as const, 1 as const, 2 as const),
    chars: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({ kind: fc.constantFrom('stall' as const, 'drain' as const, 'turn' as const) }),
);

/** Plays the steps and the end; tells what was sent and all that the reader got. */
async function play(steps: readonly Step[]): Promise<{ sent: Sent[]; text: string }> {
  const { reader, outbox } = setUp({ maxQueuedBytes: 60, maxQueuedLogBytes: 60 });
  const owners = [{}, {}, {}] as const;
  const sent: Sent[] = [];
  for (const each of steps) {
    if (each.kind === 'push') {
      const text = `<${each.owner}:${sent.length}:${'x'.repeat(each.chars)}>`;
      sent.push({ text, policy: each.policy, owner: each.owner });
      void outbox.push(text, each.policy, owners[each.owner]);
    } else if (each.kind === 'stall') reader.isReading = false;
    else if (each.kind === 'turn') await turn();
    else catchUp({ reader, outbox });
  }
  outbox.end('');
  return { sent, text: reader.text + reader.ended };
}

const framesOf = (text: string): string[] => [...text.matchAll(/<[^>]*>/g)].map(([frame]) => frame);

describe('Outbox: any reader', () => {
  const plays = fc.array(step, { maxLength: 60 });

  it('sees the frames of an owner in order and none twice', async () => {
    await fc.assert(
      fc.asyncProperty(plays, async (steps) => {
        const { sent, text } = await play(steps);
        const seen = framesOf(text);
        expect(new Set(seen).size).toBe(seen.length);
        for (const owner of [0, 1, 2]) {
          const own = sent.filter((frame) => frame.owner === owner).map((frame) => frame.text);
          const order = seen
            .filter((frame) => own.includes(frame))
            .map((frame) => own.indexOf(frame));
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('sees all that must be kept and the newest progress of each owner', async () => {
    await fc.assert(
      fc.asyncProperty(plays, async (steps) => {
        const { sent, text } = await play(steps);
        const kept = sent.filter(({ policy }) => policy === 'keep');
        const newest = [0, 1, 2].flatMap(
          (owner) =>
            sent.findLast((frame) => frame.owner === owner && frame.policy === 'newest') ?? [],
        );
        const seen = framesOf(text);
        for (const frame of [...kept, ...newest]) expect(seen).toContain(frame.text);
      }),
    );
  });

  it('sees every log line or is told that it was dropped', async () => {
    await fc.assert(
      fc.asyncProperty(plays, async (steps) => {
        const { sent, text } = await play(steps);
        const seen = new Set(framesOf(text));
        const missing = sent.filter(
          (frame) => frame.policy === 'droppable' && !seen.has(frame.text),
        ).length;
        const told = [...text.matchAll(/\[(\d+) dropped\]/g)].map(([, count]) => Number(count));
        expect(told.reduce((sum, count) => sum + count, 0)).toBe(missing);
      }),
    );
  });
});

describe('what is said within a burst window', () => {
  const WINDOW_MS = 60;

  /** An outbox that has just written, and a promise of what it writes next. */
  async function setUpBurst() {
    const all = setUp();
    all.outbox.batchFor(WINDOW_MS);
    void all.outbox.push('first;', 'keep', all.owner);
    await turn();
    const written = new Promise<string>((resolve) => {
      all.reader.write = (text) => {
        resolve(text);
        return true;
      };
    });
    return { ...all, written };
  }

  it('leaves together when it ends, and not before', async () => {
    const { reader, outbox, owner, written } = await setUpBurst();
    expect(reader.writes).toEqual(['first;']);
    const startMs = performance.now();
    void outbox.push('second;', 'keep', owner);
    await turn();
    void outbox.push('third;', 'keep', owner);
    expect(await written).toBe('second;third;');
    // A timer of Node counts from the beginning of its turn, and in whole milliseconds.
    expect(performance.now() - startMs).toBeGreaterThan(WINDOW_MS / 2);
  });

  it('leaves at once with the end of the call', async () => {
    const { reader, outbox, owner } = await setUpBurst();
    void outbox.push('second;', 'keep', owner);
    outbox.end('last;');
    expect(reader.ended).toBe('second;last;');
  });
});
