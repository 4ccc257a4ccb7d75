import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { initializeBody, modernBody, modernHeaders, sessionBody } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

const MB = 1024 * 1024;
/** The kernel takes some of it from the server before anything waits. */
const SIZE = 32 * MB;
const LEAST_QUEUED = 16 * MB;

function configure(strom: Strom): void {
  strom.tool('large', { description: 'Returns a large text' }, () => 'y'.repeat(SIZE));
  strom.tool('told', { description: 'Reports, then returns it' }, async (_, ctx) => {
    await ctx.progress(1);
    await new Promise((resolve) => setImmediate(resolve));
    return 'y'.repeat(SIZE);
  });
}

const start = (): Promise<Started> =>
  startStrom(configure, { run: { metrics: true, legacySse: true } });

async function queuedBytes({ origin }: Started): Promise<number> {
  const page = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^strom_queued_bytes (\d+)$/m.exec(page)?.[1]);
}

/** An answer nothing was read of yet. */
type Unread = Response['body'];

/** Asks for the large text. */
type Ask = (started: Started, signal: AbortSignal) => Promise<Unread>;

function stateless(tool: string): Ask {
  return async ({ url }, signal) => {
    const params = { name: tool, arguments: {}, _meta: { progressToken: 1 } };
    const headers = modernHeaders('tools/call', tool);
    const body = modernBody('tools/call', params);
    return (await fetch(url, { method: 'POST', headers, body, signal })).body;
  };
}

function session(tool: string): Ask {
  return async ({ url }, signal) => {
    const peer = await HttpPeer.at(url, '2025-11-25');
    const params = { name: tool, arguments: {}, _meta: { progressToken: 1 } };
    return (await peer.post(sessionBody('tools/call', params), { signal })).body;
  };
}

const plain: Ask = async ({ origin }, signal) =>
  (await fetch(`${origin}/stream/large`, { method: 'POST', signal })).body;

const sse: Ask = async ({ origin }, signal) => {
  const response = await fetch(`${origin}/sse`, { signal });
  const [seen, unread] = response.body?.tee() ?? [];
  const reader = new SseReader(new Response(seen));
  const endpoint = new URL(await reader.data(), origin);
  const headers = { 'content-type': 'application/json' };
  const post = (body: string) => fetch(endpoint, { method: 'POST', headers, body });
  await post(initializeBody('2024-11-05'));
  await reader.data();
  await post(sessionBody('notifications/initialized'));
  await post(sessionBody('tools/call', { name: 'large', arguments: {} }));
  return unread ?? null;
};

const WAYS: readonly (readonly [string, Ask])[] = [
  ['JSON', stateless('large')],
  ['a stream', stateless('told')],
  ['JSON of a session', session('large')],
  ['a stream of a session', session('told')],
  ['a plain stream', plain],
  ['HTTP+SSE', sse],
];

describe('strom_queued_bytes', () => {
  it.each(WAYS)(
    'has a long answer that waits, until its reader is gone: over %s',
    async (_, ask) => {
      await using started = await start();
      const reader = new AbortController();
      await ask(started, reader.signal);
      while ((await queuedBytes(started)) < LEAST_QUEUED);
      expect(await queuedBytes(started)).toBeLessThan(SIZE + MB);
      reader.abort();
      while ((await queuedBytes(started)) > 0);
    },
  );

  it.each(WAYS)('has nothing of a long answer that was read: over %s', async (_, ask) => {
    await using started = await start();
    const reader = new AbortController();
    const answer = (await ask(started, reader.signal))?.getReader();
    let bytes = 0;
    while (bytes <= SIZE) {
      const part = await answer?.read();
      if (part?.value === undefined) break;
      bytes += part.value.length;
    }
    while ((await queuedBytes(started)) > 0);
    expect(bytes).toBeGreaterThan(SIZE);
    reader.abort();
  });
});
