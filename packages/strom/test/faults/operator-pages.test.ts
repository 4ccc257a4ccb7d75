import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { startStrom } from '../harness/start-strom.ts';
import { startVictim } from './support/victim.ts';

const PAGES = ['/healthz', '/readyz', '/metrics'];

const [reader, other] = ['metrics', 'files'].map((scope) =>
  createApiKey({ name: scope, scopes: [scope] }),
);
const keys = [reader, other].flatMap((made) => made?.record ?? []);
const key = other?.key ?? '';

describe('L01: health and figures', () => {
  it('tell nothing but whether the server lives and takes calls', async () => {
    await using started = await startVictim({ keys, key });
    const asked = PAGES.map((target) => started.send({ method: 'GET', target }));
    const [health, ready, metrics] = await Promise.all(asked);
    expect([health?.body, ready?.body]).toEqual(['ok\n', 'ready\n']);
    expect(metrics?.status).toBe(404);
    for (const name of health?.headers.keys() ?? []) {
      expect(['server', 'x-powered-by', 'etag', 'set-cookie']).not.toContain(name);
    }
  });

  it.each(PAGES)('%s is not for pages of other origins, nor under other names', async (target) => {
    await using started = await startVictim({ run: { metrics: true } });
    const get = (...headers: readonly (readonly [string, string])[]) =>
      started.send({ method: 'GET', target, headers });
    expect((await get()).status).toBe(200);
    for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:1`]) {
      const { status, headers } = await get(['Origin', origin]);
      expect([origin, status]).toEqual([origin, 403]);
      expect(headers.has('access-control-allow-origin')).toBe(false);
    }
    expect((await get(['Host', 'evil.example'])).status).toBe(403);
  });

  it.each(['POST', 'DELETE', 'PUT'])('the figures take no %s', async (method) => {
    await using started = await startVictim({ run: { metrics: true } });
    expect((await started.send({ method, target: '/metrics' })).status).toBe(405);
  });

  it('the figures are for callers who may read them, where callers sign in', async () => {
    await using started = await startVictim({ run: { metrics: true }, keys, key });
    const status = async (...headers: readonly (readonly [string, string])[]) =>
      (await started.send({ method: 'GET', target: '/metrics', headers })).status;
    expect(await status()).toBe(401);
    expect(await status(['X-API-Key', key])).toBe(403);
    expect(await status(['X-API-Key', reader?.key ?? ''])).toBe(200);
  });

  it.each([
    { host: '0.0.0.0', publicUrl: 'https://mcp.example.test', allowAnonymous: true },
    { publicUrl: 'https://mcp.example.test' },
  ])('the figures are not opened to everybody by the way: %o', async (run) => {
    await expect(startStrom(undefined, { run: { ...run, metrics: true } })).rejects.toThrow(
      "metrics: 'public'",
    );
  });
});
