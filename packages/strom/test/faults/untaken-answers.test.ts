import { once } from 'node:events';
import { constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const STALL_MS = 300;
/** Too short to be sent in pieces, and together more than the buffers of a connection take. */
const LONG = modernCall('echo', { text: 'x'.repeat(200_000) });
const MANY = 100;
ownDataHome();

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
    await using session = await openHttp2(server, { initialWindowSize: 0 });
    const streams = Array.from({ length: 10 }, () => askHttp2(session, LONG));
    await Promise.all(
      streams.map((stream) => new Promise((resolve) => stream.on('close', resolve))),
    );
    expect(session.destroyed).toBe(false);
  });

  it('are given up with a stream that its client takes back', async () => {
    await using server = await start({ tls: 'dev', stallTimeoutMs: 1000 });
    await using session = await openHttp2(server, { initialWindowSize: 0 });
    const streams = Array.from({ length: 10 }, () => askHttp2(session, LONG));
    await Promise.all(streams.map((stream) => once(stream, 'response')));
    for (const stream of streams) stream.close(constants.NGHTTP2_NO_ERROR);
    const harm = await server.harm();
    // With the connection still there.
    expect(harm).not.toEqual([]);
    expect(harm.filter((each) => each.includes('ServerHttp2Stream'))).toEqual([]);
  });
});
