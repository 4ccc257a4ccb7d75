import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { makeGate } from '../harness/gate.ts';
import {
  BODY_HEADERS,
  modernBody,
  modernCall,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest, rpcCodeOf } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';

const outcomes = ({ logs }: Started): unknown[] =>
  logs.records.flatMap(({ fields }) => ('outcome' in fields ? [fields['outcome']] : []));

describe('how long a call may take', () => {
  /** Starts a call of a tool that stays, and lets time pass as soon as it runs. */
  async function callAfter(ms: number, name: 'stay' | 'patient') {
    const clock = new TestClock();
    let tellBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      tellBegun = resolve;
    });
    const stay: Parameters<Strom['tool']>[2] = async (_, ctx) => {
      tellBegun();
      await once(ctx.signal, 'abort');
    };
    await using server = await startStrom(
      (strom) => {
        strom.tool('stay', { description: 'Stays' }, stay);
        strom.tool('patient', { description: 'Has a limit of its own', timeoutMs: 5000 }, stay);
      },
      { server: { clock, callTimeoutMs: 1000 } },
    );
    await using connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall(name)));
    await begun;
    clock.advance(ms);
    const told = outcomes(server);
    connection.destroy();
    return told;
  }

  it('is callTimeoutMs, then ERR_DEADLINE', async () => {
    expect(await callAfter(999, 'stay')).toEqual([]);
    expect(await callAfter(1000, 'stay')).toEqual(['ERR_DEADLINE']);
  });

  it('is the timeoutMs of the tool where it has one', async () => {
    expect(await callAfter(4999, 'patient')).toEqual([]);
    expect(await callAfter(5000, 'patient')).toEqual(['ERR_DEADLINE']);
  });
});

describe('a call without a limit of time', () => {
  it.each([
    ['on the server', {}, { callTimeoutMs: 0 }],
    ['on the tool', { timeoutMs: 0 }, { callTimeoutMs: 1000 }],
  ])('goes on, where it is 0 %s', async (_, tool, options) => {
    const clock = new TestClock();
    const go = makeGate();
    const begun = makeGate();
    await using server = await startStrom(
      (strom) =>
        strom.tool('stay', { description: 'Stays', ...tool }, async () => {
          begun.open();
          await go.promise;
          return 'stayed';
        }),
      { server: { clock, ...options } },
    );
    const answer = server.send(modernCall('stay'));
    await begun.promise;
    clock.advance(100_000_000);
    go.open();
    expect((await answer).body).toContain('stayed');
  });
});

describe('how often a call may report', () => {
  const REPORTS = 100;
  const [FIRST_AND_LAST, ALL] = [2, REPORTS];

  it.each([
    ['is maxProgressPerSecond, then only the newest', {}, FIRST_AND_LAST],
    ['is that of the tool where it has one', { maxProgressPerSecond: 0 }, ALL],
    [
      'is that of the server where the tool says something else',
      { burstWindowMs: 1 },
      FIRST_AND_LAST,
    ],
  ])('%s', async (_, pace, most) => {
    const report: Parameters<Strom['tool']>[2] = (_args, ctx) => {
      for (let step = 1; step <= REPORTS; step += 1) void ctx.progress(step);
    };
    await using server = await startStrom(
      (strom) => strom.tool('report', { description: 'Reports at once', ...pace }, report),
      { server: { clock: new TestClock(), maxProgressPerSecond: 10 } },
    );
    const answer = await server.send(modernCall('report', {}, { progressToken: 'p' }));
    const reported = [...answer.body.matchAll(/"progress":(\d+)/g)].map(([, step]) => Number(step));
    expect(reported).toHaveLength(most);
    expect(reported.at(-1)).toBe(REPORTS);
  });
});

describe('what may be watched', () => {
  const listen = (notifications: Record<string, unknown>): RawRequest => ({
    headers: modernHeaders('subscriptions/listen'),
    body: modernBody('subscriptions/listen', { notifications }),
  });

  it('is maxSubscriptions for all together, then ERR_STREAM_LIMIT', async () => {
    await using server = await startWith({ maxSubscriptions: 1 });
    await using first = await RawConnection.open(server.port);
    first.write(rawRequest(server.port, listen({ toolsListChanged: true })));
    await first.until((text) => text.includes('acknowledged'));
    const refused = await server.send(listen({ toolsListChanged: true }));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(outcomes(server)).toEqual(['ERR_STREAM_LIMIT']);
    first.destroy();
    await first.closed();
    await using next = await RawConnection.open(server.port);
    await expect
      .poll(async () => {
        next.write(rawRequest(server.port, listen({ toolsListChanged: true })));
        return await next.until((text) => /acknowledged|"error"/.test(text));
      })
      .toContain('acknowledged');
  });

  it('is 1024 resources by one subscription, then ERR_INVALID_PARAMS', async () => {
    await using server = await startWith({});
    const resourceSubscriptions = Array.from({ length: 1025 }, (_, at) => `a:${at}`);
    const refused = await server.send(listen({ resourceSubscriptions }));
    expect(rpcCodeOf(refused)).toBe(-32602);
    await using open = await RawConnection.open(server.port);
    open.write(
      rawRequest(
        server.port,
        listen({ resourceSubscriptions: resourceSubscriptions.slice(0, 1024) }),
      ),
    );
    await open.until((text) => text.includes('acknowledged'));
  });
});

describe('questions that a session has open', () => {
  it('are 256, then ERR_STREAM_LIMIT for the call that asks', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('ask', { description: 'Asks a lot' }, async (_, ctx) => {
        const form = { type: 'object', properties: {} } as const;
        await Promise.all(Array.from({ length: 257 }, () => ctx.ask('Well?', form)));
      });
    });
    const opened = await server.send({
      headers: BODY_HEADERS,
      body: sessionBody('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: { elicitation: {} },
        clientInfo: { name: 'test', version: '1' },
      }),
    });
    const headers = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const called = await fetch(server.url, {
      method: 'POST',
      headers: { ...Object.fromEntries(BODY_HEADERS), ...headers },
      body: sessionBody('tools/call', { name: 'ask' }),
    });
    const events = await new SseReader(called).rest();
    const asked = events.filter(({ data }) => data.includes('elicitation/create'));
    expect(asked).toHaveLength(256);
    expect(events.at(-1)?.data).toContain('"error"');
    expect(outcomes(server)).toContain('ERR_STREAM_LIMIT');
  });
});

function startWith(server: Partial<ServerOptions>): Promise<Started> {
  return startStrom(undefined, { server });
}
