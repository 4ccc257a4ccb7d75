import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { MODERN, modernBody } from '../harness/mcp-request.ts';
import { DuplexPeer } from '../harness/peers/duplex-peer.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseDuplexLine } from '../harness/peers/legacy-line.ts';
import type { Peer } from '../harness/peers/peer.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { addFlood, LIMITS, SAID } from './support/flood.ts';

/** What is on its way before a reader is known to be behind, buffers of the kernel included. */
const MAX_ON_ITS_WAY = 750_000;

const LOG_LEVEL = { 'io.modelcontextprotocol/logLevel': 'info' };

function expectBounded(messages: readonly string[], maxBytes: number): void {
  expect(messages.length).toBeLessThan(SAID);
  const bytes = messages.reduce((sum, { length }) => sum + length, 0);
  expect(bytes).toBeGreaterThan(maxBytes * 0.9);
  expect(bytes).toBeLessThan(maxBytes + MAX_ON_ITS_WAY);
}

type Connect = (server: Started) => Promise<Peer>;

const HTTP: readonly [string, Connect][] = [
  ['Streamable HTTP, stateless', ({ url }) => HttpPeer.at(url, MODERN)],
  ['Streamable HTTP, a session', ({ url }) => HttpPeer.at(url, '2025-11-25')],
  [
    'HTTP+SSE',
    ({ origin }) =>
      DuplexPeer.connect(MODERN, (receive) => SseDuplexLine.open(`${origin}/sse`, receive)),
  ],
];

async function ask(connect: Connect, name: string): Promise<readonly string[]> {
  await using server = await startStrom(addFlood, { run: { ...LIMITS, legacySse: true } });
  await using peer = await connect(server);
  await peer.setLogLevel('info');
  return await (await peer.request('tools/call', { name })).all();
}

/** Reads nothing before everything is said. */
async function askOverStdio(name: string): Promise<readonly string[]> {
  await using server = new TestProcess('../serve/queue-fixture.ts');
  server.child.stdout.pause();
  const params = { name, _meta: { progressToken: 'p', ...LOG_LEVEL } };
  server.write(`${modernBody('tools/call', params, 'last')}\n`);
  await expect.poll(() => server.stderr, { timeout: 10_000 }).toContain('said');
  server.child.stdout.resume();
  const messages: string[] = [];
  while (messages.at(-1)?.includes('"id":"last"') !== true) {
    messages.push((await server.line()) ?? '');
  }
  return messages;
}

describe('what waits for a reader', () => {
  it.each(HTTP)('is maxQueuedBytes, then only the newest progress: %s', async (_, connect) => {
    expectBounded(await ask(connect, 'report'), LIMITS.maxQueuedBytes);
  });

  it.each(HTTP)(
    'is maxQueuedLogBytes of log lines, then they are dropped: %s',
    async (_, connect) => {
      expectBounded(await ask(connect, 'log'), LIMITS.maxQueuedLogBytes);
    },
  );

  it.each([
    ['report', LIMITS.maxQueuedBytes],
    ['log', LIMITS.maxQueuedLogBytes],
  ])('has the same bounds over stdio: %s', async (name, maxBytes) => {
    expectBounded(await askOverStdio(name), maxBytes);
  });
});
