import { describe, expect, it } from 'vitest';
import type { Strom } from '../../../src/serve/strom.ts';
import type { Store } from '../../../src/server/store.ts';
import { memoryStore } from '../../../src/stores/memory/memory-store.ts';
import { modernCall, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { type Started, startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const SESSION = '2025-11-25';
const MB = 1024 * 1024;
/** Kept in a store, and not. */
const LONG = 'long "text"\n'.repeat(MB / 12);
const TOO_LONG = 'y'.repeat(6 * MB);

function configure(strom: Strom): void {
  strom.tool('long', { description: 'Returns a long text' }, () => LONG);
  strom.tool('tooLong', { description: 'Returns a longer one' }, () => TOO_LONG);
  strom.tool('toldTooLong', { description: 'Reports, then returns it' }, async (_, ctx) => {
    await ctx.progress(1);
    return TOO_LONG;
  });
  strom.tool('told', { description: 'Reports, then returns a long text' }, async (_, ctx) => {
    await ctx.progress(1);
    await new Promise((resolve) => setImmediate(resolve));
    return LONG;
  });
}

const call = (name: string): string =>
  sessionBody('tools/call', { name, _meta: { progressToken: 'p' } });

const textOf = (data = ''): string => JSON.parse(data).result.content[0].text;

function start(store?: Store, clock = new TestClock()): Promise<Started> {
  return startStrom(configure, { server: { clock, ...(store !== undefined && { store }) } });
}

describe('a long answer on the stream of a session', () => {
  it('is sent again, whole, to a client whose connection broke in the middle', async () => {
    await using server = await start();
    await using peer = await HttpPeer.at(server.url, SESSION);
    const first = new SseReader(await peer.post(call('told')));
    const opening = await first.next();
    const progress = await first.next();
    await first.readOn();
    await first.cancel();
    for (const seen of [opening, progress]) {
      const events = await new SseReader(await peer.listen(seen?.id)).rest();
      expect(textOf(events.at(-1)?.data) === LONG).toBe(true);
      const after = await new SseReader(await peer.listen(events.at(-1)?.id)).rest();
      expect(after).toEqual([]);
    }
  });

  it.each([
    ['as JSON', 'application/json, text/event-stream;q=0.5'],
    ['as a stream', 'text/event-stream, application/json;q=0.5'],
  ])('arrives %s', async (_, accept) => {
    await using server = await start();
    await using peer = await HttpPeer.at(server.url, SESSION);
    const answer = await peer.post(call('long'), { headers: { accept } });
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    const data = isStream ? await new SseReader(answer).data() : await answer.text();
    expect(textOf(data) === LONG).toBe(true);
  });

  it('leaves with the other answers of its batch', async () => {
    await using server = await start();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const requests = [
      sessionBody('tools/call', { name: 'long' }, 1),
      sessionBody('tools/call', { name: 'echo', arguments: { text: 'hi' } }, 2),
    ];
    const answer = await peer.post(`[${requests.join(',')}]`);
    const isStream = answer.headers.get('content-type') === 'text/event-stream';
    const data = isStream ? await new SseReader(answer).data() : await answer.text();
    const messages = JSON.parse(data) as { id: number; result: { content: [{ text: string }] } }[];
    const texts = new Map(messages.map(({ id, result }) => [id, result.content[0].text]));
    expect(texts.get(1) === LONG).toBe(true);
    expect(texts.get(2)).toBe('echo: hi');
  });

  it('reaches a client that had to wait for the store', async () => {
    await using store = memoryStore();
    await using server = await start(store);
    await using peer = await HttpPeer.at(server.url, SESSION);
    const streams = await Promise.all([1, 2, 3].map(() => peer.post(call('toldTooLong'))));
    for (const stream of streams) {
      const messages = (await new SseReader(stream).rest()).filter(({ data }) => data !== '');
      expect(messages).toHaveLength(2);
      expect(textOf(messages[1]?.data) === TOO_LONG).toBe(true);
    }
  });

  it('is kept in a store for the next process if it is no longer than 4 MiB', async () => {
    await using store = memoryStore({ maxJournalBytesPerCall: 16 * MB });
    const first = await start(store);
    const target = { url: first.url };
    await using peer = await HttpPeer.connect(SESSION, {
      get url() {
        return target.url;
      },
      fetch: (url, init) => fetch(url, init),
      [Symbol.asyncDispose]: async () => undefined,
    });
    for (const name of ['long', 'tooLong']) {
      const headers = { accept: 'text/event-stream, application/json;q=0.5' };
      const whole = await new SseReader(await peer.post(call(name), { headers })).rest();
      expect(textOf(whole.at(-1)?.data).length).toBeGreaterThan(MB / 2);
    }
    await first.running.drain();
    await using second = await start(store);
    target.url = second.url;
    const [kept] = await new SseReader(await peer.listen('1-0')).rest();
    expect(textOf(kept?.data) === LONG).toBe(true);
    const [replaced] = await new SseReader(await peer.listen('2-0')).rest();
    expect(JSON.parse(replaced?.data ?? '')).toMatchObject({
      error: { data: { code: 'ERR_INTERRUPTED', retryable: true } },
    });
  });
});

describe('a long answer of a server behind fetch', () => {
  it('is made while its reader takes it', async () => {
    await using server = await startStrom(configure);
    const { headers = [], body = '' } = modernCall('long');
    const request = new Request(server.url, {
      method: 'POST',
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body,
    });
    const answer = await server.strom.fetch(request);
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(first?.value?.length).toBeLessThan(LONG.length / 4);
    let text = new TextDecoder().decode(first?.value);
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    expect(textOf(text) === LONG).toBe(true);
  });
});
