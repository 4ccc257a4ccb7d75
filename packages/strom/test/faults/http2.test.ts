import { once } from 'node:events';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { startVictim, type Victim } from './support/victim.ts';

const STREAMS = 250;
const MEBIBYTE = 2 ** 20;
ownDataHome();

function start(): Promise<Victim> {
  return startVictim({ run: { tls: 'dev' } });
}

/** A connection whose own window is large, so that one stream alone cannot use it up. */
async function open(server: Victim): Promise<ClientHttp2Session & AsyncDisposable> {
  const session = await openHttp2(server);
  session.setLocalWindowSize(64 * MEBIBYTE);
  return session;
}

function echo(session: ClientHttp2Session): Promise<string> {
  return text(askHttp2(session, modernCall('echo', { text: 'hello' })));
}

async function checkAlive(server: Victim): Promise<void> {
  await using session = await open(server);
  const startMs = performance.now();
  expect(await echo(session)).toContain('echo: hello');
  expect(performance.now() - startMs).toBeLessThan(1000);
}

describe('N04: many streams on one HTTP/2 connection', () => {
  it('are all answered, more than may be open at a time', async () => {
    await using started = await start();
    await using session = await open(started);
    const answers = await Promise.all(Array.from({ length: STREAMS }, () => echo(session)));
    expect(answers.filter((text) => text.includes('echo: hello'))).toHaveLength(STREAMS);
    await checkAlive(started);
  });

  it('do not wait for one that is not read, whose tool waits', async () => {
    await using started = await start();
    await using session = await open(started);
    const slow = askHttp2(session, modernCall('flood', {}, { progressToken: 'p' }));
    await once(slow, 'response');
    slow.pause();
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => echo(session)));
      expect(answers.every((text) => text.includes('echo: hello'))).toBe(true);
    }
    // What the window and the buffers on the way hold, and not what could have been said meanwhile.
    expect((await started.noted('flood')) * 1000).toBeLessThan(8 * MEBIBYTE);
    slow.close();
    await checkAlive(started);
  });
});

describe('S03, N04: a reader of HTTP/2 that goes', () => {
  it.each<[string, (stream: ClientHttp2Stream, session: ClientHttp2Session) => void]>([
    ['takes its stream back', (stream) => stream.close()],
    ['breaks its connection', (_, session) => session.destroy()],
  ])('leaves no subscription behind: it %s', async (_, go) => {
    await using started = await start();
    await using session = await open(started);
    const stream = askHttp2(session, {
      headers: modernHeaders('subscriptions/listen'),
      body: modernBody('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    });
    await once(stream, 'data');
    go(stream, session);
  });
});

describe('N04: frames about the connection', () => {
  it('do no harm: a flood of PING', async () => {
    await using started = await start();
    await using session = await open(started);
    for (let count = 0; count < 5000; count += 1) session.ping(() => undefined);
    await checkAlive(started);
  });

  it('do no harm: GOAWAY while calls run', async () => {
    await using started = await start();
    await using session = await open(started);
    const running = askHttp2(session, modernCall('flood', {}, { progressToken: 'p' }));
    await once(running, 'data');
    session.goaway();
    running.close();
    await checkAlive(started);
  });

  it('do no harm: windows of no size', async () => {
    await using started = await start();
    await using session = await openHttp2(started, { initialWindowSize: 0 });
    askHttp2(session, modernCall('flood', {}, { progressToken: 'p' }));
    for (let round = 0; round < 5; round += 1) await checkAlive(started);
    expect((await started.noted('flood')) * 1000).toBeLessThan(4 * MEBIBYTE);
  });
});
