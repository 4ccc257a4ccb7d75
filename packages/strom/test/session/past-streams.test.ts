import { describe, expect, it } from 'vitest';
import { MemorySessionStore } from '../../src/session/memory-session-store.ts';
import { PastStreams, writeStreamFacts } from '../../src/session/past-streams.ts';
import { STREAM_FENCE, streamJournal } from '../../src/session/session-store.ts';

const SESSION = 'session';

interface Setting {
  readonly requests?: readonly string[];
  readonly isBatch?: boolean;
  readonly events?: readonly string[];
}

async function setUp({ requests = ['7'], isBatch = false, events = [] }: Setting) {
  const store = new MemorySessionStore();
  await store.saveSession({ id: SESSION, owner: 'o', facts: '', expiresAtMs: Number.MAX_VALUE });
  await store.saveStream(SESSION, { id: '1', facts: writeStreamFacts({ requests, isBatch }) });
  const append = (texts: readonly string[]) =>
    store.append(streamJournal(SESSION, '1'), STREAM_FENCE, texts);
  await append(events);
  const past = new PastStreams(store, SESSION, await store.streams(SESSION));
  const answers = async (after: number, sawEnd = false): Promise<string> => {
    let text = '';
    for await (const frames of past.answers('1', after, sawEnd)) text += frames;
    return text;
  };
  const written = async (): Promise<number> =>
    (await store.read(streamJournal(SESSION, '1'), 0, 100)).length;
  return { append, answers, written };
}

const idsOf = (frames: string): string[] =>
  [...frames.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
const dataOf = (frames: string): unknown =>
  JSON.parse(/data: (.*)\n\n$/.exec(frames)?.[1] ?? 'null');

describe('PastStreams', () => {
  it('answers every request of a batch, with the ids as they were written', async () => {
    const { answers } = await setUp({ requests: ['1', '"b"'], isBatch: true });
    const error = { code: -32603, data: { code: 'ERR_INTERRUPTED', retryable: true } };
    expect(dataOf(await answers(0))).toMatchObject([
      { id: 1, error },
      { id: 'b', error },
    ]);
  });

  it('adds nothing to a stream that has its answer', async () => {
    const { answers } = await setUp({ events: ['m{"a":1}', 'e{"b":2}'] });
    expect(idsOf(await answers(0))).toEqual(['1-1', '1-2']);
    expect(idsOf(await answers(1))).toEqual(['1-2']);
    expect(await answers(2)).toBe('');
  });

  it('ends a call that got no answer, because it was cancelled, without one', async () => {
    const { answers } = await setUp({ events: ['m{"a":1}', 'e'] });
    expect(idsOf(await answers(0))).toEqual(['1-1']);
    expect(await answers(1)).toBe('');
  });

  it('tells of the interruption also who has seen more than was written', async () => {
    const { answers } = await setUp({ events: ['m{"a":1}'] });
    for (const after of [1, 2, 5, 5]) {
      const frames = await answers(after);
      expect(dataOf(frames)).toMatchObject({ id: 7, error: { code: -32603 } });
      expect(idsOf(frames)[0]).toMatch(/^1-\d+x$/);
    }
    expect(await answers(2, true)).toBe('');
  });

  it('writes the interruption once, whatever numbers a client makes up', async () => {
    const { answers, written } = await setUp({ events: ['m{"a":1}', 'e{"b":2}'] });
    const numbers = [3, 9, 999_999_999_999_999, 3];
    const told = await Promise.all(numbers.map((after) => answers(after)));
    expect(new Set(told).size).toBe(1);
    expect(await answers(7)).toBe(told[0]);
    expect(await written()).toBe(3);
  });

  it('lets the end that was written first count', async () => {
    const { answers, append } = await setUp({ events: ['m{"a":1}'] });
    expect(idsOf(await answers(0))).toEqual(['1-1', '1-2x']);
    await append(['e{"late":true}']);
    expect(idsOf(await answers(0))).toEqual(['1-1', '1-2x']);
    expect(await answers(1)).not.toContain('late');
  });
});
