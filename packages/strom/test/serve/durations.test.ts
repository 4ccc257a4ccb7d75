import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/server/context.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';

const ask = { progressToken: 'p' };

/** A server with a tool that gives its context away and stays until it is stopped. */
async function startStaying(callIdleTimeoutMs: number) {
  const clock = new TestClock();
  let give = (_: Context): void => undefined;
  const context = new Promise<Context>((resolve) => {
    give = resolve;
  });
  const server = await startStrom(
    (strom) => {
      strom.tool('stay', { description: 'Stays' }, async (_, ctx) => {
        give(ctx);
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      });
    },
    { server: { clock, callIdleTimeoutMs } },
  );
  return { clock, server, context };
}

describe('a call that says nothing', () => {
  it('ends with ERR_DEADLINE after callIdleTimeoutMs, which every sign of life begins anew', async () => {
    const { clock, context, ...started } = await startStaying(1000);
    await using server = started.server;
    const answer = server.send(modernCall('stay', {}, ask));
    const ctx = await context;
    clock.advance(900);
    void ctx.progress(1);
    clock.advance(900);
    void ctx.info('not wanted, but a sign of life');
    clock.advance(900);
    expect(ctx.signal.aborted).toBe(false);
    clock.advance(101);
    expect(ctx.signal.reason).toMatchObject({ code: 'ERR_DEADLINE' });
    expect((await answer).body).toContain('-32603');
    // The timer that all long limits share stops at its next look.
    clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  it('goes on where there is no limit', async () => {
    const { clock, context, ...started } = await startStaying(0);
    await using server = started.server;
    const answer = server.send(modernCall('stay'));
    const ctx = await context;
    clock.advance(3_599_999);
    expect(ctx.signal.aborted).toBe(false);
    clock.advance(1);
    expect(ctx.signal.aborted).toBe(true);
    await answer;
  });
});

describe('a subscription', () => {
  it('ends gracefully after maxSubscriptionMs', async () => {
    const clock = new TestClock();
    await using server = await startStrom(undefined, {
      server: { clock, maxSubscriptionMs: 1000 },
    });
    await using open = await RawConnection.open(server.port);
    const notifications = { toolsListChanged: true };
    open.write(
      rawRequest(server.port, {
        headers: modernHeaders('subscriptions/listen'),
        body: modernBody('subscriptions/listen', { notifications }),
      }),
    );
    await open.until((text) => text.includes('acknowledged'));
    clock.advance(1000);
    const { body } = await open.answer();
    expect(body.trim().split('\n\n').at(-1)).toContain('"result"');
  });
});

describe('a connection that is idle', () => {
  ownDataHome();

  it('is closed after connectionIdleMs, in HTTP/1.1', async () => {
    await using server = await startStrom(undefined, { run: { connectionIdleMs: 200 } });
    await using connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall('echo', { text: 'a' })));
    expect((await connection.answer()).status).toBe(200);
    await connection.closed();
  });

  it('is closed after connectionIdleMs, in HTTP/2, but not while a stream is open', async () => {
    await using server = await startStrom(undefined, {
      run: { tls: 'dev', connectionIdleMs: 200 },
    });
    await using session = await openHttp2(server);
    const closed = once(session, 'close');
    const stream = askHttp2(session, {
      headers: modernHeaders('subscriptions/listen'),
      body: modernBody('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    });
    await once(stream, 'data');
    await using other = await openHttp2(server);
    await once(other, 'close');
    expect(session.closed).toBe(false);
    stream.close();
    await closed;
  });

  it('stays where connectionIdleMs is 0, in HTTP/2', async () => {
    await using server = await startStrom(undefined, { run: { tls: 'dev', connectionIdleMs: 0 } });
    await using session = await openHttp2(server);
    for (let count = 0; count < 20; count += 1) {
      const probe = session.request({ ':path': '/healthz' });
      const [headers] = await once(probe, 'response');
      expect(headers[':status']).toBe(200);
      await once(probe.resume(), 'close');
    }
    expect(session.closed).toBe(false);
  });

  it('is cut off where it does not finish the TLS handshake in headersTimeoutMs', async () => {
    await using server = await startStrom(undefined, {
      run: { tls: 'dev', headersTimeoutMs: 200 },
    });
    const half = connectTcp(server.port, '127.0.0.1');
    half.on('error', () => undefined);
    await once(half, 'close');
    const whole = connectTls({ port: server.port, rejectUnauthorized: false });
    await once(whole, 'secureConnect');
    whole.destroy();
  });
});

describe('a connection whose client reads nothing when the server closes', () => {
  /** Long before it would be cut off for not reading. */
  const MAX_CLOSE_MS = 15_000;

  it('is cut after two seconds', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('much', { description: 'More than any buffer takes' }, () => 'x'.repeat(2 ** 25));
    });
    await using connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall('much')));
    await connection.until((text) => text.startsWith('HTTP/1.1 200'));
    connection.socket.pause();
    const startMs = performance.now();
    await server.running.close();
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(1900);
    expect(tookMs).toBeLessThan(MAX_CLOSE_MS);
    connection.socket.resume();
    await connection.closed();
  });
});
