import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const STALL_MS = 300;
/** Too short to be sent in pieces, and together more than the buffers of a connection take. */
const LONG = modernCall('echo', { text: 'x'.repeat(200_000) });
const MANY = 100;
const dataHome = process.env['XDG_DATA_HOME'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strom-untaken-'));
  process.env['XDG_DATA_HOME'] = folder;
});

afterAll(async () => {
  if (dataHome === undefined) delete process.env['XDG_DATA_HOME'];
  else process.env['XDG_DATA_HOME'] = dataHome;
  await rm(folder, { recursive: true });
});

const start = (run: RunOptions): Promise<Victim> =>
  startVictim({ run: { stallTimeoutMs: STALL_MS, ...run } });

describe('S01: answers that are whole, and that nobody takes', () => {
  it('are given up with their connection: HTTP/1.1', async () => {
    await using server = await start({});
    await using connection = await RawConnection.open(server.port);
    connection.socket.pause();
    for (let count = 0; count < MANY; count += 1) {
      connection.write(rawRequest(server.port, LONG));
    }
    // With the client still there.
    expect(await server.harm()).toEqual([]);
  });

  it('are given up, each by itself: HTTP/2', async () => {
    await using server = await start({ tls: 'dev' });
    const session = connectHttp2(server.origin, {
      rejectUnauthorized: false,
      settings: { initialWindowSize: 0 },
    });
    await once(session, 'connect');
    const ask = (): ClientHttp2Stream => {
      const lines = (LONG.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]);
      const pseudo = { ':method': 'POST', ':path': '/mcp' };
      const stream = session.request({ ...pseudo, ...Object.fromEntries(lines) });
      stream.on('error', () => undefined);
      stream.end(LONG.body);
      return stream;
    };
    const streams = Array.from({ length: 10 }, ask);
    await Promise.all(
      streams.map((stream) => new Promise((resolve) => stream.on('close', resolve))),
    );
    expect(session.destroyed).toBe(false);
    session.destroy();
  });
});
