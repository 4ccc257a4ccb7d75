import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Disposables } from '../harness/disposables.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

const COUNT = 10_000;
const MAX_RSS_MB = 400;
/** Ten times what it takes on a machine with nothing else to do, where the call waits for the event. */
const MAX_CALL_MS = 5000;
/** Opened at a time; more would overflow the listen backlog of the server. */
const AT_ONCE = 64;
const EVENT = 'notifications/resources/list_changed';
const KEEP_ALIVE = '\n:';
/** The connections, and what a process has open besides. */
const FILES = COUNT + 500;

const listen: RawRequest = {
  headers: modernHeaders('subscriptions/listen'),
  body: modernBody('subscriptions/listen', { notifications: { resourcesListChanged: true } }),
};

/** Open streams, and what has come on each of them. */
class Streams implements AsyncDisposable {
  readonly received: string[] = [];
  readonly #sockets: Socket[] = [];
  #changed = (): void => undefined;

  async open(port: number): Promise<void> {
    const index = this.#sockets.length;
    const socket = connect({ port, host: '127.0.0.1' });
    this.#sockets.push(socket);
    this.received[index] = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.received[index] += text;
      this.#changed();
    });
    socket.write(rawRequest(port, listen));
    await once(socket, 'data');
  }

  /** Waits until what has come on every stream fulfils a condition. */
  async until(condition: (received: string) => boolean): Promise<void> {
    for (const index of this.received.keys()) {
      while (!condition(this.received[index] ?? '')) {
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
      }
    }
  }

  /** How often a text came on each stream: every figure that occurs. */
  occurrences(text: string): number[] {
    return [...new Set(this.received.map((all) => all.split(text).length - 1))];
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return Promise.resolve();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const mayOpen = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
const canHold = mayOpen === 'unlimited' || Number(mayOpen) >= FILES;

describe(`S04: ${COUNT} idle streams (of ${mayOpen} open files)`, () => {
  it.skipIf(!canHold)(
    'take little memory, miss nothing, get nothing twice, and leave room for a plain call',
    async ({ annotate }) => {
      await using server = await startVictim({
        server: { maxSubscriptions: COUNT, maxSubscriptionsPerCaller: COUNT + 1 },
        run: { keepAliveMs: 2000 },
      });
      const { port } = server;
      await using stack = new Disposables();
      const streams = stack.use(new Streams());
      while (streams.received.length < COUNT) {
        const count = Math.min(AT_ONCE, COUNT - streams.received.length);
        await Promise.all(Array.from({ length: count }, () => streams.open(port)));
      }
      await streams.until((all) => all.includes('acknowledged'));
      const openMb = server.process.memoryMb('VmRSS');

      const refused = await server.send(listen);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(jsonOf(refused)).toHaveProperty('error');

      const toldMs = timed(() => server.send(modernCall('broadcast')));
      const calledMs = timed(() => server.checkAlive());
      await streams.until((all) => all.includes(EVENT));
      expect(await calledMs).toBeLessThan(MAX_CALL_MS);
      await streams.until((all) => all.lastIndexOf(KEEP_ALIVE) > all.indexOf(EVENT));
      const keptAliveMs = await timed(() => server.checkAlive());
      expect(keptAliveMs).toBeLessThan(MAX_CALL_MS);

      expect(streams.occurrences(EVENT)).toEqual([1]);
      const mostMb = Math.max(openMb, server.process.memoryMb('VmRSS'));
      expect(mostMb).toBeLessThan(MAX_RSS_MB);
      const figures = { mostMb, toldMs: await toldMs, calledMs: await calledMs, keptAliveMs };
      await annotate(JSON.stringify(figures));
    },
    120_000,
  );
});
