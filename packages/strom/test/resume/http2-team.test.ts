import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { MODERN } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { type HttpDoor, HttpPeer } from '../harness/peers/http-peer.ts';
import { DurableServer } from './durable-process.ts';

const SESSION = '2025-11-25';
const PATIENCE = { timeout: 30_000, interval: 100 };
ownDataHome();

/** Asks over one connection, and so one worker, for answers that end. */
function fetchOver(connection: ClientHttp2Session): HttpDoor['fetch'] {
  return async (_url, { method = 'GET', headers, body }) => {
    const lines = Object.entries(headers as Record<string, string>);
    const stream = askHttp2(connection, { method, headers: lines, body: String(body) });
    const [{ ':status': status, ...rest }] = await once(stream, 'response');
    return new Response(await text(stream), { status, headers: Object.entries(rest) as [] });
  };
}

async function pidOf(peer: HttpPeer): Promise<number> {
  const exchange = await peer.request('tools/call', { name: 'pid', arguments: {} });
  const { result, error } = await exchange.answer();
  expect(error).toBeUndefined();
  const [content] = (result?.['content'] ?? []) as { text: string }[];
  return Number(content?.text);
}

/** A door of the client that leads to one worker. */
interface WorkerDoor extends HttpDoor {
  readonly pid: number;
}

/** Opens connections, which the workers take in turn, until one of others than these takes one. */
function openPast(url: string, known: readonly number[]): Promise<WorkerDoor> {
  return vi.waitFor(async () => {
    const connection = await openHttp2(new URL(url));
    const close = async () => connection.destroy();
    const door = { url, fetch: fetchOver(connection), [Symbol.asyncDispose]: close };
    const pid = await pidOf(await HttpPeer.connect(MODERN, door));
    if (!known.includes(pid)) return { ...door, pid };
    connection.destroy();
    throw new Error(`taken by ${pid} again`);
  }, PATIENCE);
}

describe('a session that another worker has taken up, over HTTP/2', () => {
  it('is reached there from the worker that its id names', async () => {
    await using files = await DurableServer.make();
    const { url } = await files.start('0', 2, 'https');
    await using opener = await openPast(url, []);
    await using holder = await openPast(url, [opener.pid]);
    const door = { ...opener };
    const peer = await HttpPeer.connect(SESSION, door);
    expect(await pidOf(peer)).toBe(opener.pid);
    process.kill(opener.pid, 'SIGKILL');
    door.fetch = holder.fetch;
    await expect.poll(() => peer.ping(), PATIENCE).toBe(200);
    await using successor = await openPast(url, [opener.pid, holder.pid]);
    door.fetch = successor.fetch;
    expect(await pidOf(peer)).toBe(holder.pid);
  }, 60_000);
});
