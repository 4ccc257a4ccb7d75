import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { MemoryRateCounter } from '../../src/transports/http/rate-counter.ts';
import type { RateLimits } from '../../src/transports/http/rate-gate.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { jsonOf, type RawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

const [ann, bob] = [createApiKey({ name: 'ann' }), createApiKey({ name: 'bob' })];
const HOUR = 3_600_000;

function start(rateLimits: RateLimits, auth = false): Promise<Started> {
  const keys = apiKeys({ keys: [ann.record, bob.record] });
  return startStrom(undefined, {
    run: { rateLimits, trustedProxies: ['127.0.0.1'], ...(auth && { auth: [keys] }) },
  });
}

function hello(...lines: (readonly [string, string])[]): RawRequest {
  const { headers = [], ...call } = modernCall('echo', { text: 'hello' });
  return { ...call, headers: [...headers, ...lines] };
}

async function statuses(server: Started, count: number, request: RawRequest): Promise<number[]> {
  const found: number[] = [];
  for (let sent = 0; sent < count; sent += 1) found.push((await server.send(request)).status);
  return found;
}

describe('the rate of an address', () => {
  const from = (address: string): RawRequest => hello(['X-Forwarded-For', address]);
  const perAddress = { requests: 2, perMs: HOUR };

  it('is bounded, and other addresses are served', async () => {
    await using server = await start({ perAddress });
    expect(await statuses(server, 3, from('192.0.2.1'))).toEqual([200, 200, 429]);
    expect(await statuses(server, 1, from('192.0.2.2'))).toEqual([200]);
    const refused = await server.send(from('192.0.2.1'));
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(3500);
    expect(wait).toBeLessThanOrEqual(3600);
    expect(jsonOf(refused)).toMatchObject({
      error: { data: { retryAfterMs: expect.any(Number) } },
    });
  });

  it('counts a network of IPv6 as one', async () => {
    await using server = await start({ perAddress });
    const found = [];
    for (const host of ['1', '2', '3']) {
      found.push(...(await statuses(server, 1, from(`2001:db8:0:1::${host}`))));
    }
    expect(found).toEqual([200, 200, 429]);
    expect(await statuses(server, 1, from('2001:db8:0:2::1'))).toEqual([200]);
  });

  it('is free again when its time is over', async () => {
    await using server = await start({ perAddress: { requests: 1, perMs: 2000 } });
    expect(await statuses(server, 2, from('192.0.2.1'))).toContain(429);
    await expect
      .poll(async () => (await server.send(from('192.0.2.1'))).status, { timeout: 10_000 })
      .toBe(200);
  });

  it('of this machine is bounded only where the limit is set', async () => {
    await using limited = await start({ perAddress });
    expect(await statuses(limited, 3, hello())).toEqual([200, 200, 429]);
    await using other = await start({ perCaller: { requests: 1, perMs: HOUR } });
    expect(await statuses(other, 3, hello())).toEqual([200, 200, 200]);
  });

  it('does not count probes', async () => {
    await using server = await start({ perAddress });
    const probe = { method: 'GET', target: '/healthz' };
    expect(await statuses(server, 5, probe)).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('the rate of a caller', () => {
  it('is bounded wherever the caller is, and others are served', async () => {
    await using server = await start({ perCaller: { requests: 2, perMs: HOUR } }, true);
    const as = (key: string, address: string): RawRequest =>
      hello(['X-API-Key', key], ['X-Forwarded-For', address]);
    expect(await statuses(server, 1, as(ann.key, '192.0.2.1'))).toEqual([200]);
    expect(await statuses(server, 2, as(ann.key, '192.0.2.2'))).toEqual([200, 429]);
    expect(await statuses(server, 1, as(bob.key, '192.0.2.2'))).toEqual([200]);
  });
});

describe('the rate of failed attempts', () => {
  const wrong = hello(['X-API-Key', 'strom_x']);

  it('is bounded as set, or not at all', async () => {
    await using server = await start({ failedAuth: { requests: 1, perMs: HOUR } }, true);
    expect(await statuses(server, 2, wrong)).toEqual([401, 429]);
    await using free = await start({ failedAuth: false }, true);
    expect(new Set(await statuses(free, 30, wrong))).toEqual(new Set([401]));
  });

  it('does not count requests without credentials', async () => {
    await using server = await start({ failedAuth: { requests: 1, perMs: HOUR } }, true);
    expect(new Set(await statuses(server, 5, hello()))).toEqual(new Set([401]));
  });
});

describe('rateLimits', () => {
  it.each([
    { requests: 0, perMs: 1000 },
    { requests: 1.5, perMs: 1000 },
    { requests: Number.NaN, perMs: 1000 },
    { requests: 1, perMs: 0 },
  ])('takes no rate of $requests requests in $perMs ms', async (rate) => {
    await expect(start({ perAddress: rate })).rejects.toThrow(TypeError);
  });
});

describe('MemoryRateCounter', () => {
  it('keeps a bounded number of counts, whatever keys come', async () => {
    const counter = new MemoryRateCounter({ requests: 1000, perMs: HOUR });
    const before = process.memoryUsage().heapUsed;
    for (let key = 0; key < 200_000; key += 1) await counter.count(`key ${key}`);
    expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(64);
    expect(await counter.count('key 0')).toBe(0);
  });
});
