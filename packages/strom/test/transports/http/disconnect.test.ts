import { describe, expect, it } from 'vitest';
import type { StromError } from '../../../src/base/strom-error.ts';
import type { Strom } from '../../../src/serve/strom.ts';
import { modernCall, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { RawConnection, rawRequest } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { startStrom } from '../../harness/start-strom.ts';

interface Stopped {
  readonly reason: StromError;
  readonly atMs: number;
}

/** A tool that runs until its signal is aborted, with or without a word before. */
function withWaiting(strom: Strom, speaks: boolean) {
  let start = (): void => undefined;
  let stop = (_: Stopped): void => undefined;
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const stopped = new Promise<Stopped>((resolve) => {
    stop = resolve;
  });
  strom.tool('wait', { description: 'Waits' }, async (_, ctx) => {
    if (speaks) await ctx.progress(1);
    start();
    await new Promise<void>((resolve) => ctx.signal.addEventListener('abort', () => resolve()));
    stop({ reason: ctx.signal.reason, atMs: performance.now() });
    // What comes too late must disturb nobody.
    await ctx.progress(2);
    await ctx.info('too late');
    return 'too late';
  });
  return { started, stopped };
}

const MAX_STOP_MS = 2000;
const ask = { progressToken: 'p' };

describe.each([true, false])('a stateless call whose caller goes (it has spoken: %s)', (speaks) => {
  it.each(['destroy', 'end', 'reset'] as const)('stops at once after a %s', async (way) => {
    let waiting: ReturnType<typeof withWaiting> | undefined;
    await using server = await startStrom((strom) => {
      waiting = withWaiting(strom, speaks);
    });
    await using connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall('wait', {}, ask)));
    await waiting?.started;
    if (speaks) await connection.until((text) => text.includes('"progress":1'));
    const leftAtMs = performance.now();
    if (way === 'destroy') connection.socket.destroy();
    else if (way === 'end') connection.socket.end();
    else connection.socket.resetAndDestroy();
    const { reason, atMs } = (await waiting?.stopped) ?? { reason: undefined, atMs: Infinity };
    expect(reason?.code).toBe('ERR_PEER_GONE');
    // Much less than any timer or sign of life would take to notice.
    expect(atMs - leftAtMs).toBeLessThan(MAX_STOP_MS);
    await server.checkAlive();
    expect(server.logs.at('error')).toEqual([]);
  });
});

describe.each(['2025-11-25', '2025-06-18', '2025-03-26'])(
  'a call in a session of %s',
  (revision) => {
    it.each([true, false])(
      'goes on when its connection breaks (it has spoken: %s)',
      async (speaks) => {
        let waiting: ReturnType<typeof withWaiting> | undefined;
        await using server = await startStrom((strom) => {
          waiting = withWaiting(strom, speaks);
        });
        await using peer = await HttpPeer.at(server.url, revision);
        const abort = new AbortController();
        const params = { name: 'wait', _meta: ask };
        const posted = peer.post(sessionBody('tools/call', params, 7), { signal: abort.signal });
        await waiting?.started;
        if (speaks) {
          const reader = new SseReader(await posted);
          await reader.readOn();
          await reader.cancel();
        } else {
          abort.abort();
          await expect(posted).rejects.toThrow();
        }
        expect(await peer.ping()).toBe(200);
        await server.checkAlive();
        const cancelled = {
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: 7 },
        };
        await (await peer.post(JSON.stringify(cancelled))).text();
        expect((await waiting?.stopped)?.reason.code).toBe('ERR_CANCELLED');
      },
    );

    it('releases a tool that awaits its reader when the reader goes before the first word', async () => {
      let speak = (): void => undefined;
      let done = (): void => undefined;
      const finished = new Promise<void>((resolve) => {
        done = resolve;
      });
      await using server = await startStrom((strom) => {
        strom.tool('late', { description: 'Speaks late and much' }, async (_, ctx) => {
          await new Promise<void>((resolve) => {
            speak = resolve;
          });
          for (let step = 1; step <= 2000; step += 1)
            await ctx.progress(step, 2000, 'x'.repeat(200));
          done();
          return 'done';
        });
      });
      await using peer = await HttpPeer.at(server.url, revision);
      await using connection = await RawConnection.open(server.port);
      const { sessionId } = peer;
      connection.write(
        rawRequest(server.port, {
          headers: [
            ['Content-Type', 'application/json'],
            ['Mcp-Session-Id', sessionId],
          ],
          body: sessionBody('tools/call', { name: 'late', _meta: ask }),
        }),
      );
      await peer.ping();
      connection.destroy();
      await connection.closed();
      await peer.ping();
      speak();
      await finished;
    });
  },
);

describe('a tool that emits to a reader who stops reading and goes', () => {
  it.each(['progress', 'log', 'chunk'] as const)('is released: %s', async (kind) => {
    let release = (_: number): void => undefined;
    const released = new Promise<number>((resolve) => {
      release = resolve;
    });
    await using server = await startStrom((strom) => {
      strom.tool('flood', { description: 'Speaks without end' }, async function* (_, ctx) {
        let step = 0;
        ctx.onCleanup(() => release(step));
        for (; !ctx.signal.aborted; step += 1) {
          if (kind === 'progress') await ctx.progress(step, undefined, 'x'.repeat(1000));
          else if (kind === 'log') await ctx.info('x'.repeat(1000));
          else yield 'x'.repeat(1000);
        }
      });
    });
    await using connection = await RawConnection.open(server.port);
    const meta = { ...ask, 'io.modelcontextprotocol/logLevel': 'info' };
    connection.write(rawRequest(server.port, modernCall('flood', {}, meta)));
    await connection.until((text) => text.includes('xxx'));
    connection.socket.pause();
    await server.checkAlive();
    connection.destroy();
    // An awaiting producer stops with what fits into the buffers of the sockets.
    expect(await released).toBeLessThan(20_000);
    await server.checkAlive();
  });
});
