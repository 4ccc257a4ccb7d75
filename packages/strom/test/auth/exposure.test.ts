import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { checkExposure } from '../../src/serve/check-exposure.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { Strom } from '../../src/serve/strom.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const auth = [apiKeys({ keys: [createApiKey({ name: 'x' }).record] })];
const publicUrl = 'https://mcp.example.test';
const tls = 'dev';
const host = '0.0.0.0';

describe('O02, N07: a door to other machines', () => {
  const refused: [string, RunOptions, string[]][] = [
    ['nothing', { host }, ['publicUrl', 'allowedHosts', 'auth']],
    ['an empty list of names', { host, allowedHosts: [], auth }, ['publicUrl', 'allowedHosts']],
    ['names alone', { host, publicUrl }, ['auth', 'allowAnonymous']],
    ['callers alone', { host, auth, tls }, ['publicUrl']],
    ['an empty list of callers', { host, publicUrl, auth: [], tls }, ['auth']],
    ['no TLS', { host, publicUrl, auth }, ['tls', 'behindProxy']],
    [
      'no TLS and a list of names',
      { host, allowedHosts: ['x.test'], auth },
      ['tls', 'behindProxy'],
    ],
    ['all addresses of IPv6', { host: '::' }, ['publicUrl', 'auth']],
    ['an address of a network', { host: '192.168.1.5' }, ['publicUrl', 'auth']],
    ['no text', { host: 0 as never }, ['host']],
    ['null', { host: null as never, auth }, ['host']],
    ['an empty text', { host: '' }, ['publicUrl', 'auth']],
    ['a name', { host: 'mcp.example.test' }, ['publicUrl', 'auth']],
    ['a name that begins like loopback', { host: '127.0.0.1.example.test' }, ['publicUrl', 'auth']],
    ['HTTP+SSE', { host, transport: 'sse' }, ['publicUrl', 'auth']],
    [
      'figures for everybody',
      { host, publicUrl, allowAnonymous: true, metrics: true },
      ['metrics'],
    ],
    ['figures behind a proxy', { publicUrl, metrics: true }, ['metrics', 'auth', "'public'"]],
    ['figures under a name', { allowedHosts: ['x.test:8080'], metrics: true }, ['metrics']],
    ['several processes', { host, workers: 2 }, ['publicUrl', 'auth']],
  ];
  it.each(refused)(
    'is not opened with %s, and the settings are named',
    async (_, options, names) => {
      const strom = new Strom({ name: 'x', version: '1' });
      const run = strom.run({ port: 0, ...options });
      await expect(run).rejects.toThrow(TypeError);
      for (const name of names) await expect(run).rejects.toThrow(name);
    },
  );

  const allowed: [string, RunOptions][] = [
    ['names, callers and TLS', { host, publicUrl, auth, tls }],
    ['a proxy that speaks TLS', { host, allowedHosts: ['x.test'], auth, behindProxy: true }],
    ['nothing to hide', { host, publicUrl, allowAnonymous: true }],
    ['this machine alone', { host: '127.0.0.1' }],
    ['this machine alone, with callers', { host: '::1', auth }],
    ['this machine alone, by another address', { host: '127.0.0.5' }],
    ['this machine alone, by name', { host: 'localhost' }],
    ['nothing said', {}],
    ['figures for this machine', { publicUrl: 'http://localhost:3000', metrics: true }],
    ['figures for callers', { host, publicUrl, auth, tls, metrics: true }],
    ['figures that are public', { host, publicUrl, allowAnonymous: true, metrics: 'public' }],
  ];
  it.each(allowed)('is opened with %s', (_, options) => {
    expect(() => checkExposure(options)).not.toThrow();
  });
});

describe('publicUrl', () => {
  it('lets its host and its origin in, and no others', async () => {
    await using server = await startStrom(undefined, {
      run: { publicUrl: 'https://mcp.example.test:8443/public' },
    });
    const status = async (...headers: [string, string][]): Promise<number> => {
      const call = modernCall('echo', { text: 'x' });
      return (await server.send({ ...call, headers: [...(call.headers ?? []), ...headers] }))
        .status;
    };
    expect(await status(['Host', 'mcp.example.test:8443'])).toBe(200);
    expect(await status(['Host', 'MCP.example.test:8443'])).toBe(200);
    const origin = 'https://mcp.example.test:8443';
    expect(await status(['Host', 'mcp.example.test:8443'], ['Origin', origin])).toBe(200);
    expect(await status(['Host', 'mcp.example.test'])).toBe(403);
    expect(await status(['Host', 'mcp.example.test:443'])).toBe(403);
    expect(await status(['Origin', 'https://mcp.example.test'])).toBe(403);
    expect(await status(['Origin', 'http://mcp.example.test:8443'])).toBe(403);
  });
});
