import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../src/base/next-turn.ts';
import type { StromError } from '../../src/base/strom-error.ts';
import { MemorySessionStore } from '../../src/session/memory-session-store.ts';
import { STREAM_FENCE, streamJournal } from '../../src/session/session-store.ts';
import { StreamJournal } from '../../src/session/stream-journal.ts';

const NAME = streamJournal('session', '1');

/** A store with a stream, which counts how often it is written to. */
class CountingStore extends MemorySessionStore {
  appends = 0;
  gate: Promise<void> = Promise.resolve();

  override async append(call: string, fence: number, events: readonly string[]): Promise<number> {
    this.appends += 1;
    await this.gate;
    return super.append(call, fence, events);
  }
}

async function setUp() {
  const store = new CountingStore();
  await store.saveSession({ id: 'session', owner: 'o', facts: '', expiresAtMs: Number.MAX_VALUE });
  const broken: unknown[] = [];
  const ready = store.saveStream('session', { id: '1', facts: '' });
  const journal = new StreamJournal({
    ...{ store, name: NAME, ready },
    onBroken: (error) => broken.push(error),
  });
  return { store, journal, broken };
}

describe('StreamJournal', () => {
  it('writes what is said in one turn at once, in order', async () => {
    const { store, journal } = await setUp();
    for (let said = 1; said <= 50; said += 1) journal.append('m', String(said));
    await nextTurn();
    await journal.flushed();
    journal.append('e', 'end');
    await journal.flushed();
    expect(store.appends).toBe(2);
    const entries = await journal.read(0, 100);
    expect(entries.map(({ message }) => message)).toEqual([
      ...Array.from({ length: 50 }, (_, index) => String(index + 1)),
      'end',
    ]);
    expect(entries.at(-1)).toEqual({ seq: 51, kind: 'e', message: 'end' });
  });

  it('is overfull while the store is behind by too much, and no longer', async () => {
    const { store, journal } = await setUp();
    let open = (): void => undefined;
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    journal.append('m', 'x'.repeat(1024 * 1024));
    expect(journal.isOverfull).toBe(false);
    journal.append('m', 'x');
    expect(journal.isOverfull).toBe(true);
    open();
    await journal.flushed();
    expect(journal.isOverfull).toBe(false);
  });

  it('writes nothing any more once somebody else has written, and says so', async () => {
    const { store, journal, broken } = await setUp();
    journal.append('m', 'one');
    await journal.flushed();
    await store.append(NAME, STREAM_FENCE, ['xend']);
    journal.append('m', 'two');
    await journal.flushed();
    journal.append('m', 'three');
    await journal.flushed();
    expect(broken).toHaveLength(1);
    expect((broken[0] as StromError).code).toBe('ERR_TASK_FENCED');
    const texts = (await store.read(NAME, 0)).map(({ text }) => text);
    expect(texts).toEqual(['mone', 'xend', 'mtwo']);
  });
});
