import { describe, expect, it } from 'vitest';
import { afterMicrotasks } from '../../src/base/after-microtasks.ts';
import { Outbox } from '../../src/calls/outbox.ts';
import { SharedStream } from '../../src/calls/shared-stream.ts';
import { TestClock } from '../harness/test-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => afterMicrotasks(resolve));

function setUp() {
  const writes: string[] = [];
  const clock = new TestClock();
  const outbox = new Outbox({
    write: (text) => writes.push(text) > 0,
    end: (text) => void writes.push(text),
  });
  const stream = new SharedStream(outbox, { frame: (message) => `${message}\n`, clock });
  return { writes, clock, outbox, stream };
}

describe('SharedStream', () => {
  it('sends an answer at once when nothing was reported before it', async () => {
    const { writes, clock, stream } = setUp();
    stream.openChannel().end('answer');
    await turn();
    expect(writes).toEqual(['answer\n']);
    expect(clock.pending).toBe(0);
  });

  it('keeps an answer out of the read that holds the last progress', async () => {
    const { writes, clock, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    channel.end('answer');
    await turn();
    expect(writes).toEqual(['progress\n']);
    clock.advance(5);
    await turn();
    expect(writes).toEqual(['progress\n', 'answer\n']);
    expect(clock.pending).toBe(0);
  });

  it('adds no delay when the last progress is older than the distance', async () => {
    const { writes, clock, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    clock.advance(5);
    channel.end('answer');
    await turn();
    expect(writes).toEqual(['progress\nanswer\n']);
  });

  it('keeps the same distance when the time of day is set back', async () => {
    const { writes, clock, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    clock.step(-600_000);
    channel.end('answer');
    clock.advance(5);
    await turn();
    expect(writes).toEqual(['progress\nanswer\n']);
  });

  it('does not hold the answers of other calls back', async () => {
    const { writes, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    channel.end('held');
    stream.openChannel().end('other');
    await turn();
    expect(writes).toEqual(['progress\nother\n']);
  });

  it('sends what it holds back before it is closed', async () => {
    const { writes, clock, outbox, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    channel.end('answer');
    stream.flush();
    outbox.flushTurn();
    expect(writes).toEqual(['progress\nanswer\n']);
    expect(clock.pending).toBe(0);
  });

  it('says nothing for a call that was cancelled', async () => {
    const { writes, clock, stream } = setUp();
    const channel = stream.openChannel();
    void channel.push('progress', 'newest');
    channel.end(undefined);
    await turn();
    clock.advance(5);
    await turn();
    expect(writes).toEqual(['progress\n']);
  });
});
