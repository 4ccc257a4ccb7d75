import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamJournal } from '../../src/session/session-store.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { sessionBody } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { crash, DurableServer } from './durable-process.ts';

const SESSION = '2025-11-25';
const COUNT = 400;
const REQUEST = 'the-request';

const callSteps = (ends: boolean): string =>
  sessionBody(
    'tools/call',
    { name: 'steps', arguments: { count: COUNT, ends }, _meta: { progressToken: 1 } },
    REQUEST,
  );

interface Seen {
  readonly steps: number[];
  lastId: string;
  answer: Record<string, unknown> | undefined;
}

/** Reads a stream up to an answer or the end, or until so many steps were seen in all. */
async function read(stream: SseReader, seen: Seen, upTo = Number.POSITIVE_INFINITY) {
  while (seen.steps.length < upTo && seen.answer === undefined) {
    const event = await stream.next();
    if (event === undefined) return;
    seen.lastId = event.id ?? seen.lastId;
    if (event.data === '') continue;
    const message = JSON.parse(event.data);
    if (message.method === undefined) seen.answer = message;
    else seen.steps.push(message.params.progress);
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

/** Cuts a call by the death of its process wherever a client has got to, and reads on in the next. */
async function checkCuts(seed: number, numRuns: number): Promise<void> {
  await using files = await DurableServer.make();
  let server = await files.start();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: COUNT }), fc.boolean(), async (cut, isTwice) => {
      await using peer = await HttpPeer.at(server.url, SESSION);
      const seen: Seen = { steps: [], lastId: '', answer: undefined };
      const stream = new SseReader(await peer.post(callSteps(false)));
      await stream.readOn();
      await read(stream, seen, cut);
      await crash(server);
      await stream.cancel().catch(() => undefined);
      server = await files.start(server.port);
      if (seen.lastId === '') seen.lastId = '1-0';
      if (isTwice) {
        // The first to come back does not get to the answer.
        const half = new SseReader(await peer.listen(seen.lastId));
        await half.readOn();
        await half.cancel();
      }
      await read(new SseReader(await peer.listen(seen.lastId)), seen);
      expect(seen.steps).toEqual(upTo(seen.steps.length));
      expect(seen.steps.length).toBeGreaterThanOrEqual(cut);
      expect(seen.answer).toMatchObject({
        id: REQUEST,
        error: { code: -32603, data: { code: 'ERR_INTERRUPTED' } },
      });
      expect(await peer.ping()).toBe(200);
    }),
    { seed, numRuns },
  );
}

describe('a session stream whose process is killed', () => {
  it('shows the rest in order and each once, and an end, wherever it is cut', async () => {
    await checkCuts(20_251_125, 6);
  }, 120_000);

  it('does so with a seed of today', async () => {
    const seed = Date.now() % 2 ** 31;
    process.stdout.write(`seed of the cuts: ${seed}\n`);
    await checkCuts(seed, 4);
  }, 120_000);

  it('gives the answer that was written before, from wherever the client resumes', async () => {
    await using files = await DurableServer.make();
    const first = await files.start();
    await using peer = await HttpPeer.at(first.url, SESSION);
    const stream = new SseReader(await peer.post(callSteps(true)));
    const seen: Seen = { steps: [], lastId: '', answer: undefined };
    await read(stream, seen, 1);
    await stream.cancel();
    await using store = await sqliteStore({ file: files.file });
    const journal = streamJournal(peer.sessionId, '1');
    const done = new AbortController();
    for await (const events of store.tail(journal, 0, done.signal)) {
      if (events.some(({ text }) => text.startsWith('e'))) done.abort();
    }
    await crash(first);
    await files.start(first.port);
    for (const lastId of ['1-0', '1-200', `1-${COUNT}`]) {
      const after = Number(lastId.slice(2));
      const rest: Seen = { steps: [], lastId, answer: undefined };
      const reader = new SseReader(await peer.listen(lastId));
      await read(reader, rest);
      expect(rest.steps).toEqual(upTo(COUNT).slice(after));
      expect(rest.answer).toMatchObject({ id: REQUEST, result: {} });
      expect(await reader.rest()).toEqual([]);
    }
  }, 60_000);
});

describe('two server processes on one file', () => {
  it('hold a session one at a time; the other refuses, and takes over when the first dies', async () => {
    await using files = await DurableServer.make();
    const first = await files.start();
    const second = await files.start();
    const door = {
      url: first.url,
      fetch: (target: string, init: RequestInit) => fetch(target, init),
      [Symbol.asyncDispose]: async () => undefined,
    };
    await using peer = await HttpPeer.connect(SESSION, door);
    const seen: Seen = { steps: [], lastId: '', answer: undefined };
    const stream = new SseReader(await peer.post(callSteps(false)));
    await read(stream, seen, COUNT);
    door.url = second.url;
    expect(await peer.ping()).toBe(503);
    expect((await peer.listen(seen.lastId)).status).toBe(503);
    await crash(first);
    await stream.cancel().catch(() => undefined);
    expect(await peer.ping()).toBe(200);
    await read(new SseReader(await peer.listen(seen.lastId)), seen);
    expect(seen.steps).toEqual(upTo(COUNT));
    expect(seen.answer).toMatchObject({ id: REQUEST, error: { code: -32603 } });
  }, 60_000);
});
