import { describe, expect, it } from 'vitest';
import type { Strom } from '../../../src/serve/strom.ts';
import { modernBody, modernCall, modernHeaders, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { RawConnection, rawRequest, rpcCodeOf } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const SESSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;

function withSpeaker(strom: Strom): void {
  strom.tool('speak', { description: 'Says something first' }, async (_, ctx) => {
    await ctx.progress(1, 2, 'half');
    return 'done';
  });
}

const ask = { progressToken: 'p' };

describe('the answer to a stateless POST', () => {
  it('is JSON with a length when the call said nothing', async () => {
    await using server = await startStrom();
    const answer = await server.send(modernCall('echo', { text: 'a' }));
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(answer.body)),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.has('mcp-session-id')).toBe(false);
  });

  it('is an unbuffered event stream from the first notification on', async () => {
    await using server = await startStrom(withSpeaker);
    const answer = await server.send(modernCall('speak', {}, ask));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(answer.body).toMatch(/^data: \{.*"progress":1.*\}\n\ndata: \{.*"done".*\}\n\n$/);
  });

  it('drops notifications for a client that takes no event stream', async () => {
    await using server = await startStrom(withSpeaker);
    const { body } = modernCall('speak', {}, ask);
    const headers = modernHeaders('tools/call', 'speak').map(([name, value]): [string, string] => [
      name,
      name === 'Accept' ? 'application/json' : value,
    ]);
    const answer = await server.send({ headers, body: body ?? '' });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.body).toContain('done');
  });

  it('is an event stream for a client that takes nothing else', async () => {
    await using server = await startStrom();
    const { body } = modernCall('echo', { text: 'a' });
    const headers = modernHeaders('tools/call', 'echo').map(([name, value]): [string, string] => [
      name,
      name === 'Accept' ? 'text/event-stream' : value,
    ]);
    const answer = await server.send({ headers, body: body ?? '' });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.body).toMatch(/^data: \{.*"echo: a".*\}\n\n$/);
  });

  it('is 406 for a client that takes neither', async () => {
    await using server = await startStrom();
    const headers = modernHeaders('tools/list').filter(([name]) => name !== 'Accept');
    const body = modernBody('tools/list');
    const answer = await server.send({ headers: [...headers, ['Accept', 'text/html']], body });
    expect(answer.status).toBe(406);
    await server.checkAlive();
  });

  it('arrives as the tool speaks, each piece before the next is made', async () => {
    const steps: string[] = [];
    let goOn = (): void => undefined;
    await using server = await startStrom((strom) => {
      strom.tool('step', { description: 'Waits to be let on' }, async (_, ctx) => {
        for (const step of [1, 2, 3]) {
          await ctx.progress(step);
          steps.push(`made ${step}`);
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
        }
        return 'done';
      });
    });
    const response = await fetch(server.url, {
      method: 'POST',
      headers: Object.fromEntries(modernHeaders('tools/call', 'step')),
      body: String(modernCall('step', {}, ask).body),
    });
    const reader = new SseReader(response);
    for (const step of [1, 2, 3]) {
      expect(await reader.data()).toContain(`"progress":${step}`);
      expect(steps).toHaveLength(step);
      goOn();
    }
    expect(await reader.data()).toContain('done');
  });
});

describe.each(SESSIONS)('the answer to a POST of a session of %s', (revision) => {
  it('is JSON when the call said nothing', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const response = await peer.post(sessionBody('ping'));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe('{"jsonrpc":"2.0","id":1,"result":{}}');
  });

  it('is an event stream with ids from the first notification on', async () => {
    await using server = await startStrom(withSpeaker);
    await using peer = await HttpPeer.at(server.url, revision);
    const params = { name: 'speak', _meta: ask };
    const response = await peer.post(sessionBody('tools/call', params));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const reader = new SseReader(response);
    const events = (await reader.rest()).map(({ id, data }) => [id, data.includes('done')]);
    const primer = revision === '2025-11-25' ? [['1-0', false]] : [];
    expect(events).toEqual([...primer, ['1-1', false], ['1-2', true]]);
  });

  it('is 200 also for an error, which the client reads in the message', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    for (const [method, code] of [
      ['no/such', -32601],
      ['tools/call', -32602],
    ]) {
      const response = await peer.post(sessionBody(String(method)));
      expect(response.status).toBe(200);
      expect(rpcCodeOf({ body: await response.text() })).toBe(code);
    }
  });
});

describe('requests that get no result', () => {
  it.each([
    ['{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}'],
    ['{"jsonrpc":"2.0","method":"no/such/notification"}'],
    ['{"jsonrpc":"2.0","id":1,"result":{}}'],
  ])('are accepted with 202 and an empty body: %s', async (body) => {
    await using server = await startStrom();
    const answer = await server.send({ headers: [['Content-Type', 'application/json']], body });
    expect([answer.status, answer.body]).toEqual([202, '']);
  });

  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'])(
    'are refused with 405: %s',
    async (method) => {
      await using server = await startStrom();
      const response = rawRequest(server.port, { method });
      await using connection = await RawConnection.open(server.port);
      connection.write(response);
      expect(await connection.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1.1 405/);
    },
  );

  it('are refused with 405 where only a session could answer: GET and DELETE', async () => {
    await using server = await startStrom();
    for (const method of ['GET', 'DELETE']) {
      const answer = await server.send({ method, headers: [['Accept', 'text/event-stream']] });
      expect(answer.status).toBe(405);
    }
  });

  it('are refused with 404 off the paths that are served', async () => {
    await using server = await startStrom();
    for (const target of [
      '/',
      '/mcp/',
      '/mcp/x',
      '/sse',
      '/messages',
      '/stream/',
      '/stream/none',
    ]) {
      expect((await server.send({ ...modernCall('echo'), target })).status).toBe(404);
    }
    expect((await server.send({ method: 'GET', target: '/healthz' })).status).toBe(200);
  });
});

describe('a stream on which nothing happens', () => {
  function withSilence(strom: Strom): void {
    strom.tool('silent', { description: 'Says nothing until stopped' }, async (_, ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
    });
  }

  it('gets a comment every fifteen seconds, on a stateless call and in a session', async () => {
    const clock = new TestClock();
    await using server = await startStrom(withSilence, { server: { clock } });
    await using session = await HttpPeer.at(server.url, '2025-11-25');
    await using raw = await RawConnection.open(server.port);
    raw.write(rawRequest(server.port, modernCall('silent')));
    const listening = new SseReader(await session.listen());
    await listening.readOn();
    const post = session.post(sessionBody('tools/call', { name: 'silent' }));
    // The call is running once a later request of the session has been answered.
    await (await session.post(sessionBody('ping', {}, 2))).text();
    clock.advance(15_000);
    const posted = new SseReader(await post);
    await posted.readOn();
    await listening.readOn();
    await raw.until((text) => text.includes(':\n\n'));
    expect(raw.pending).toContain('text/event-stream');
    clock.advance(15_000);
    await raw.until((text) => text.split(':\n\n').length === 3);
    while (listening.comments.length < 2) await listening.readOn();
    while (posted.comments.length < 1) await posted.readOn();
    expect(posted.text).toMatch(/^id: 1-0\ndata: \n\n/);
  });

  it('leaves no timer behind when it has ended', async () => {
    const clock = new TestClock();
    {
      await using server = await startStrom(withSilence, { server: { clock } });
      const session = await HttpPeer.at(server.url, '2025-06-18');
      const listening = new SseReader(await session.listen());
      await listening.readOn();
      expect(clock.pending).toBeGreaterThan(0);
      await session.terminate();
      expect(await listening.rest()).toEqual([]);
      await server.checkAlive();
      // The one all calls share, which stops when it finds nothing to wait for.
      clock.advance(1000);
      expect(clock.pending).toBe(0);
    }
    expect(clock.pending).toBe(0);
  });
});
