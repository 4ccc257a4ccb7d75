import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

const CALLS = 100;
/** The goal is three times; this is a margin for a machine that does much else. */
const MAX_RATIO = 30;
const ask = { progressToken: 'p' };
const FLOOD = { count: 100_000_000, isAwaited: true };

/** The median time of a plain call on a connection that stays open. */
async function medianCallMs(port: number): Promise<number> {
  await using connection = await RawConnection.open(port);
  const times: number[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    const startMs = performance.now();
    connection.write(rawRequest(port, modernCall('echo', { text: 'hello' })));
    expect((await connection.answer()).status).toBe(200);
    times.push(performance.now() - startMs);
  }
  return times.sort((one, other) => one - other)[CALLS / 2] ?? 0;
}

/** Begins a flood; `drop` reads all of it and keeps nothing. */
async function flood(port: number, request: RawRequest, drops: boolean): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connection.socket.removeAllListeners('data');
  if (drops) connection.socket.resume();
  else connection.socket.pause();
  connection.write(rawRequest(port, request));
  return connection;
}

describe('S01: a client that floods, and one that never reads', () => {
  it('leave a third its turns', async ({ annotate }) => {
    await using server = await startVictim();
    const { port } = server;
    const idleMs = await medianCallMs(port);
    const request = modernCall('notes', FLOOD, ask);
    await using _flooding = await flood(port, request, true);
    await using _stalled = await flood(port, request, false);
    const busyMs = await medianCallMs(port);
    await annotate(JSON.stringify({ idleMs, busyMs, ratio: busyMs / idleMs }));
    expect(busyMs / idleMs).toBeLessThan(MAX_RATIO);
  }, 60_000);
});

describe('S10: a handler that speaks without end and awaits each word', () => {
  it.each(['progress', 'log', 'chunk'])(
    'holds nobody up although nobody listens to it: %s',
    async (kind) => {
      await using server = await startVictim();
      await using connection = await RawConnection.open(server.port);
      connection.write(rawRequest(server.port, modernCall('endless', { kind })));
      for (let count = 0; count < 5; count += 1) await server.checkAlive();
      connection.destroy();
      await server.checkAlive();
    },
  );
});
