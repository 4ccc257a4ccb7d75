import { once } from 'node:events';
import { constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import { limitHttp2 } from '../../src/serve/http2-patience.ts';
import { resolveTls } from '../../src/serve/tls-options.ts';
import { openHttp2 } from '../harness/http2-client.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { TestClock } from '../harness/test-clock.ts';

const STALL_MS = 10_000;
const LOOK_MS = STALL_MS / 5;
ownDataHome();

/** A server whose answer to a stream is not taken, or is but does not end. */
async function openUntaken({ isTaken = false } = {}) {
  const clock = new TestClock();
  const { credentials } = await resolveTls('dev', SILENT_LOGGER);
  const server = createSecureServer(credentials);
  limitHttp2(server, { requestTimeoutMs: 0, idleMs: 0, stallTimeoutMs: STALL_MS, clock });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `https://127.0.0.1:${port}`;
  const client = await openHttp2({ origin }, { initialWindowSize: 0 });
  const asked = client.request({ ':path': '/' });
  asked.on('error', () => undefined);
  const [answered] = (await once(server, 'stream')) as [ServerHttp2Stream];
  answered.respond();
  if (!isTaken) answered.end('untaken');
  await once(asked, 'response');
  return {
    client,
    asked,
    answered,
    clock,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await new Promise((resolve) => server.close(resolve));
      expect(clock.pending).toBe(0);
    },
  };
}

describe('answers of HTTP/2 that nobody takes', () => {
  it('are watched from the next look on', async () => {
    await using pair = await openUntaken();
    const { answered, clock } = pair;
    clock.advance(LOOK_MS);
    expect(Math.floor(Reflect.get(answered, 'timeout'))).toBe(STALL_MS);
  });

  it('are forgotten with a stream that its client takes back while they are watched', async () => {
    await using pair = await openUntaken();
    const { client, asked, answered, clock } = pair;
    clock.advance(LOOK_MS);
    asked.close(constants.NGHTTP2_NO_ERROR);
    // Once this is answered, what was sent before has arrived.
    await new Promise((resolve) => client.ping(resolve));
    clock.advance(LOOK_MS);
    expect(answered.destroyed).toBe(true);
  });
});

describe('clients of HTTP/2 that say nothing', () => {
  it('stay while they answer when they are asked', async () => {
    await using pair = await openUntaken({ isTaken: true });
    const { client, answered, clock } = pair;
    for (let round = 0; round < 5; round += 1) {
      clock.advance(STALL_MS);
      // What the server asked before this has been answered as well.
      await new Promise((resolve) => client.ping(resolve));
    }
    expect(answered.destroyed).toBe(false);
  });

  it('are cut off when they do not answer', async () => {
    await using pair = await openUntaken({ isTaken: true });
    const { answered, clock } = pair;
    const closed = once(answered, 'close');
    clock.advance(2 * STALL_MS + LOOK_MS);
    await closed;
  });

  it('stay where time has passed that nobody could use, as in a process that was stopped', async () => {
    await using pair = await openUntaken({ isTaken: true });
    const { client, answered, clock } = pair;
    for (let round = 0; round < 3; round += 1) {
      clock.advance(LOOK_MS);
      clock.jump(10 * STALL_MS);
      clock.advance(LOOK_MS);
      await new Promise((resolve) => client.ping(resolve));
    }
    expect(answered.destroyed).toBe(false);
  });
});
