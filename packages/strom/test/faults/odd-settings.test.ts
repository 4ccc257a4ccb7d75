import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { Strom } from '../../src/serve/strom.ts';
import { StateSealer } from '../../src/server/state-sealer.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { startStrom } from '../harness/start-strom.ts';
import './support/base-line.ts';

const DAY_MS = 86_400_000;
const ABOUT = { issuer: 'https://id.example.test', audience: 'https://mcp.example.test/mcp' };

const refused = (name: string) =>
  expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) });

/** What Node warns of. It sets a delay that is too long to the shortest there is, and says so. */
async function warningsDuring(work: () => Promise<void>): Promise<readonly string[]> {
  const warnings: string[] = [];
  const hear = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', hear);
  try {
    await work();
  } finally {
    process.off('warning', hear);
  }
  return warnings;
}

describe('A10: a rate', () => {
  it.each([
    { requests: 1, perMs: 30 * DAY_MS },
    { requests: 1, perMs: Number.POSITIVE_INFINITY },
    { requests: 1, perMs: Number.NaN },
    { requests: 1, perMs: '1000' as never },
    { requests: '1' as never, perMs: 1000 },
    { requests: 0, perMs: 1000 },
  ])('that would hold nothing up is refused: %j', (rate) => {
    for (const name of ['perCaller', 'perAddress', 'failedAuth']) {
      const options = { rateLimits: { [name]: rate } };
      expect(() => new Strom({ name: 'x', version: '1' }).listener(options)).toThrow(refused(name));
    }
  });

  it('holds for as long as it may be', async () => {
    const rateLimits = { perAddress: { requests: 1, perMs: 24 * DAY_MS } };
    await using server = await startStrom(undefined, { run: { rateLimits } });
    expect((await server.send(modernCall('echo', { text: 'x' }))).status).toBe(200);
    const over = await server.send(modernCall('echo', { text: 'x' }));
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(23 * 86_400);
  });
});

describe('A07: a setting about tokens', () => {
  it.each(['30', null, Number.NaN, -1, 61])('is refused: a tolerance of %j', (seconds) => {
    const clockToleranceSeconds = seconds as number;
    expect(() => oauth({ ...ABOUT, clockToleranceSeconds })).toThrow(
      refused('clockToleranceSeconds'),
    );
  });

  it.each([
    ['cacheMs', Number.NaN],
    ['cacheMs', -1],
    ['cacheMs', '5000'],
    ['clientId', undefined],
    ['clientSecret', ''],
  ])('is refused: %s of %j for introspection', (name, value) => {
    const introspection = { clientId: 'a', clientSecret: 'b', [name]: value };
    expect(() => oauth({ ...ABOUT, introspection })).toThrow(refused(name));
  });
});

describe('S05: a time longer than timers can tell', () => {
  it('does not make them ring without a pause', async () => {
    const warnings = await warningsDuring(async () => {
      SYSTEM_CLOCK.every(Number.POSITIVE_INFINITY, () => undefined).cancel();
      const run: RunOptions = {
        headersTimeoutMs: 1e12,
        requestTimeoutMs: 1e12,
        stallTimeoutMs: 1e12,
        keepAliveMs: 1e12,
      };
      await using server = await startStrom(undefined, { run });
      await server.checkAlive();
    });
    expect(warnings).toEqual([]);
  });
});

describe('I09: a state between rounds', () => {
  it.each([Number.POSITIVE_INFINITY, 1e300, 1000])('can be told to last %d ms', async (ttlMs) => {
    const sealer = new StateSealer({ keys: [new Uint8Array(32)], ttlMs, clock: SYSTEM_CLOCK });
    const sealed = await sealer.seal({ round: 1 }, 'binding');
    expect(await sealer.open(sealed, 'binding')).toEqual({ round: 1 });
  });
});

describe('I09: a key for states', () => {
  it.each([
    { key: 'x'.repeat(32) },
    { key: Array.from({ length: 32 }, () => 1) },
    { key: new Uint8Array(31) },
    { key: undefined },
  ])('is 32 bytes, and not $key', ({ key }) => {
    const stateKeys = [key as Uint8Array];
    expect(() => new Strom({ name: 'x', version: '1', stateKeys })).toThrow(refused('stateKeys'));
  });
});

describe('I10: a hint for caches', () => {
  it.each([
    { ttlMs: Number.NaN, scope: 'private' },
    { ttlMs: -1, scope: 'private' },
    { ttlMs: Number.POSITIVE_INFINITY, scope: 'private' },
    { ttlMs: '5' as never, scope: 'private' },
    { ttlMs: 5, scope: 'shared' as never },
  ] as const)('that no client can read is refused: %j', (cache) => {
    const server = { name: 'x', version: '1' };
    expect(() => new Strom({ ...server, listCache: cache })).toThrow(refused('listCache'));
    const strom = new Strom(server);
    const hint = { name: 'x', cache };
    expect(() => strom.resource('x://1', hint, () => 'x')).toThrow(refused('cache'));
    expect(() => strom.resourceTemplate('x://{id}', hint, () => 'x')).toThrow(refused('cache'));
  });
});

describe('N07: Strict-Transport-Security', () => {
  it.each([Number.POSITIVE_INFINITY, 1e30])('is a number browsers read for %d ms', async (ms) => {
    const run: RunOptions = {
      publicUrl: 'https://mcp.example.test',
      trustedProxies: ['127.0.0.1'],
      hstsMaxAgeMs: ms,
    };
    await using server = await startStrom(undefined, { run });
    const { headers } = await server.send({
      method: 'GET',
      target: '/healthz',
      headers: [
        ['Host', 'mcp.example.test'],
        ['X-Forwarded-For', '192.0.2.1'],
        ['X-Forwarded-Proto', 'https'],
      ],
    });
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+$/);
  });
});

describe('O02: where a server says it is', () => {
  it.each(['https://user:secret@mcp.example.test', 'https://:secret@mcp.example.test'])(
    'holds no password: %s',
    (publicUrl) => {
      const strom = new Strom({ name: 'x', version: '1' });
      expect(() => strom.listener({ publicUrl })).toThrow(
        expect.objectContaining({
          name: 'TypeError',
          message: expect.not.stringContaining('secret'),
        }),
      );
    },
  );

  it.each(['mcp', '', '/mcp?x', '/mcp#x', '/a b', '/a"b', '/../mcp', 5])(
    'has a path as clients send it, and not %j',
    (path) => {
      const strom = new Strom({ name: 'x', version: '1' });
      expect(() => strom.listener({ path: path as string })).toThrow(refused('path'));
    },
  );
});
