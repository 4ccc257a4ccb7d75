import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { modernCall } from '../harness/mcp-request.ts';
import type { RawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

type Lines = readonly (readonly [string, string])[];

const PUBLIC = 'https://mcp.example.com';

/** A server with a tool that tells where the caller is. */
function start(run: RunOptions): Promise<Started> {
  return startStrom(
    (strom) => {
      strom.tool('whence', { description: 'Tells' }, (_, ctx) => `from ${ctx.principal.address}`);
    },
    { run: { publicUrl: PUBLIC, ...run } },
  );
}

function whence(...lines: Lines): RawRequest {
  const { headers = [], ...rest } = modernCall('whence');
  return { ...rest, headers: [...headers, ...lines] };
}

/** The connections of these tests come from 127.0.0.1. */
const TRUSTED = { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8', 'fd00::/8'] };

describe('the address of a caller behind a trusted proxy', () => {
  it.each<[string, string, Lines]>([
    ['the last of one', '192.0.2.1', [['X-Forwarded-For', '192.0.2.1']]],
    ['not what the client put in front', '192.0.2.1', [['X-Forwarded-For', '6.6.6.6, 192.0.2.1']]],
    ['behind further proxies', '192.0.2.1', [['X-Forwarded-For', '6.6.6.6, 192.0.2.1, 10.1.2.3']]],
    [
      'from headers that were sent twice',
      '192.0.2.1',
      [
        ['X-Forwarded-For', '6.6.6.6'],
        ['X-Forwarded-For', '192.0.2.1'],
      ],
    ],
    ['with a port', '192.0.2.1', [['X-Forwarded-For', '192.0.2.1:5555']]],
    ['of IPv6', '2001:db8:0:0:0:0:0:1', [['X-Forwarded-For', '2001:db8::1']]],
    ['of a proxy, where all are', '10.0.0.9', [['X-Forwarded-For', '10.0.0.9']]],
    ['the nearest known, after nonsense', '10.0.0.9', [['X-Forwarded-For', 'unknown, 10.0.0.9']]],
    ['of the connection, without a header', '127.0.0.1', []],
    ['of RFC 7239', '192.0.2.1', [['Forwarded', 'for=6.6.6.6, for=192.0.2.1;proto=https']]],
    ['of RFC 7239 with quotes', '2001:db8:0:0:0:0:0:1', [['Forwarded', 'For="[2001:db8::1]:47"']]],
    [
      'of both kinds of headers, where they agree',
      '192.0.2.1',
      [
        ['Forwarded', 'for=6.6.6.6, for=192.0.2.1;proto=https'],
        ['X-Forwarded-For', '192.0.2.1'],
        ['X-Forwarded-Proto', 'https'],
      ],
    ],
  ])('is %s', async (_, address, lines) => {
    await using server = await start(TRUSTED);
    expect((await server.send(whence(...lines))).body).toContain(`from ${address}"`);
    expect(server.logs.at('info').at(-1)?.fields).toMatchObject({ address });
  });

  it.each<[string, RunOptions]>([
    ['nobody is trusted', {}],
    ['another is trusted', { trustedProxies: ['10.0.0.0/8'] }],
  ])('is that of the connection where %s', async (_, run) => {
    await using server = await start(run);
    const lines: Lines = [
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'mcp.example.com'],
      ['Forwarded', 'for=10.0.0.1'],
    ];
    const answer = await server.send(whence(...lines));
    expect(answer.body).toContain('from 127.0.0.1"');
    expect(answer.headers.has('strict-transport-security')).toBe(false);
  });

  it('is asked for in terms that hold', async () => {
    await expect(start({ trustedProxies: ['example.com'] })).rejects.toThrow(TypeError);
  });
});

describe('a request of which a trusted proxy says two different things', () => {
  const PLAIN: Lines = [
    ['X-Forwarded-For', '192.0.2.1'],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Host', 'mcp.example.com'],
  ];

  it.each([
    ['another address', 'for=6.6.6.6'],
    ['no address', 'proto=http'],
    ['nothing that can be read', '?'],
    ['another scheme', 'for=192.0.2.1;proto=https'],
    ['another host', 'for=192.0.2.1;host=127.0.0.1'],
  ])('is refused: %s', async (_, forwarded) => {
    await using server = await start(TRUSTED);
    const answer = await server.send(whence(...PLAIN, ['Forwarded', forwarded]));
    expect([answer.status, answer.body.includes('from ')]).toEqual([400, false]);
    expect(server.logs.at('info').at(-1)?.fields).toMatchObject({
      outcome: 'ERR_FORWARDED_MISMATCH',
      address: '127.0.0.1',
    });
  });

  it('is none where names differ in case alone, or one header is silent', async () => {
    await using server = await start(TRUSTED);
    const lines: Lines = [['Forwarded', 'for="192.0.2.1:47";host=MCP.example.com'], ...PLAIN];
    expect((await server.send(whence(...lines))).body).toContain('from 192.0.2.1"');
  });

  it('is none where somebody says them who is not trusted', async () => {
    await using server = await start({});
    const lines: Lines = [...PLAIN, ['Forwarded', 'for=6.6.6.6']];
    expect((await server.send(whence(...lines))).body).toContain('from 127.0.0.1"');
  });
});

describe('the host a trusted proxy names', () => {
  it('is refused where it is not served, whatever Host says', async () => {
    await using server = await start(TRUSTED);
    const lines: Lines = [
      ['X-Forwarded-For', '192.0.2.1'],
      ['X-Forwarded-Host', 'evil.example'],
    ];
    expect((await server.send(whence(...lines))).status).toBe(403);
  });

  it('opens nothing that Host leaves closed, since a client may have made it up', async () => {
    await using server = await start(TRUSTED);
    const lines: Lines = [
      ['Host', 'evil.example'],
      ['X-Forwarded-For', '192.0.2.1'],
      ['X-Forwarded-Host', 'mcp.example.com'],
    ];
    expect((await server.send(whence(...lines))).status).toBe(403);
  });

  it('is the own origin of its pages', async () => {
    await using server = await start({ ...TRUSTED, allowedHosts: ['other.example.com'] });
    const from = (origin: string): Lines => [
      ['Origin', origin],
      ['X-Forwarded-For', '192.0.2.1'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'other.example.com'],
    ];
    const { status } = await server.send(whence(...from('https://other.example.com')));
    const insecure = await server.send(whence(...from('http://other.example.com')));
    expect([status, insecure.status]).toEqual([200, 403]);
  });
});

describe('N07: Strict-Transport-Security', () => {
  const behind = (proto: string): Lines => [
    ['Host', 'mcp.example.com'],
    ['X-Forwarded-For', '192.0.2.1'],
    ['X-Forwarded-Proto', proto],
  ];
  const HSTS = 'strict-transport-security';

  it('is said to those who came over TLS, under the public name', async () => {
    await using server = await start(TRUSTED);
    const { headers } = await server.send(whence(...behind('https')));
    expect(headers.get(HSTS)).toBe('max-age=31536000');
  });

  it.each<[string, RunOptions, Lines]>([
    ['over plain HTTP', TRUSTED, behind('http')],
    ['under another name', TRUSTED, behind('https').slice(1)],
    ['where the option says so', { ...TRUSTED, hstsMaxAgeMs: 0 }, behind('https')],
    [
      'where the public URL is http',
      { ...TRUSTED, publicUrl: 'http://mcp.example.com' },
      behind('https'),
    ],
  ])('is not said %s', async (_, run, lines) => {
    await using server = await start(run);
    const { status, headers } = await server.send(whence(...lines));
    expect([status, headers.has(HSTS)]).toEqual([200, false]);
  });
});
