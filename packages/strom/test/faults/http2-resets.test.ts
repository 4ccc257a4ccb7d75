import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientHttp2Stream, connect, constants } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { startVictim, type Victim } from './support/victim.ts';

const dataHome = process.env['XDG_DATA_HOME'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strom-resets-'));
  process.env['XDG_DATA_HOME'] = folder;
});

afterAll(async () => {
  if (dataHome === undefined) delete process.env['XDG_DATA_HOME'];
  else process.env['XDG_DATA_HOME'] = dataHome;
  await rm(folder, { recursive: true });
});

const POST = {
  ':method': 'POST',
  ':path': '/mcp',
  ...Object.fromEntries(
    modernHeaders('tools/list').map(([name, value]) => [name.toLowerCase(), value]),
  ),
};

async function open({ origin }: Victim) {
  const session = connect(origin, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  await once(session, 'connect');
  return session;
}

const AT_ONCE = 50;
const MANY = 5000;

/** Resets a stream as soon as it is on the wire. */
function openAndReset(stream: ClientHttp2Stream): Promise<void> {
  stream.on('error', () => undefined);
  // Its headers leave first: they are handed to the connection when the stream is made.
  setImmediate(() => stream.close(constants.NGHTTP2_CANCEL));
  return new Promise((resolve) => stream.once('close', resolve));
}

describe('N04: streams that are reset as fast as they are opened', () => {
  it('end the connection, and others are served', async () => {
    await using server = await startVictim({ run: { tls: 'dev' } });
    const rapid = await open(server);
    // Not `once`, which rejects for the error that comes before.
    const ended = new Promise((resolve) => rapid.once('close', resolve));
    let resets = 0;
    while (!rapid.destroyed && !rapid.closed && resets < MANY) {
      const streams = Array.from({ length: AT_ONCE }, () => rapid.request(POST));
      resets += AT_ONCE;
      await Promise.all(streams.map(openAndReset));
      const answered = new Promise((resolve) => rapid.destroyed || rapid.ping(resolve));
      await Promise.race([ended, answered]);
    }
    await ended;
    expect(resets).toBeGreaterThanOrEqual(200);
    expect(resets).toBeLessThan(MANY);
    const other = await open(server);
    const stream = other.request(POST);
    stream.end(modernBody('tools/list'));
    const [head] = await once(stream, 'response');
    expect(head[':status']).toBe(200);
    other.destroy();
  });
});
