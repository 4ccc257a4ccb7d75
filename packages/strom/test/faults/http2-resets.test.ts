import { once } from 'node:events';
import { type ClientHttp2Stream, constants } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { askHttp2, http2Headers, openHttp2 } from '../harness/http2-client.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { startVictim } from './support/victim.ts';

ownDataHome();

const LIST = { headers: modernHeaders('tools/list'), body: modernBody('tools/list') };
const HEADERS = http2Headers(LIST);

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
    const rapid = await openHttp2(server);
    // Not `once`, which rejects for the error that comes before.
    const ended = new Promise((resolve) => rapid.once('close', resolve));
    let resets = 0;
    while (!rapid.destroyed && !rapid.closed && resets < MANY) {
      const streams = Array.from({ length: AT_ONCE }, () => rapid.request(HEADERS));
      resets += AT_ONCE;
      await Promise.all(streams.map(openAndReset));
      const answered = new Promise((resolve) => rapid.destroyed || rapid.ping(resolve));
      await Promise.race([ended, answered]);
    }
    await ended;
    expect(resets).toBeGreaterThanOrEqual(200);
    expect(resets).toBeLessThan(MANY);
    await using other = await openHttp2(server);
    const [head] = await once(askHttp2(other, LIST), 'response');
    expect(head[':status']).toBe(200);
  });
});
