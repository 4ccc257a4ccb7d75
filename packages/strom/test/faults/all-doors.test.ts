/** What one way in refuses, the others refuse as well. */
import { describe, expect, it } from 'vitest';
import {
  BODY_HEADERS,
  initializeBody,
  MODERN,
  modernBody,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { jsonOf, rpcCodeOf } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { openSession } from './support/session.ts';
import { startVictim, type Victim } from './support/victim.ts';

type Line = readonly [string, string];

const HEADERS: Line[] = BODY_HEADERS.map(([name, value]): Line => [name, value]);
const CALL = { name: 'mirrored', arguments: { region: 'us' } };
const UNTRUE: Line[][] = [
  [['Mcp-Method', 'tools/list']],
  [['Mcp-Name', 'echo']],
  [['Mcp-Param-Region', 'eu']],
];

/** How often any tool was called. */
async function callsOf(server: Victim): Promise<number> {
  return (await server.noted('any')) + (await server.noted('mirrored'));
}

/** A body that is nested so deep, the object around it counted. */
const nested = (levels: number): string =>
  `{"x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

describe('P05: values nested deep in a plain stream', () => {
  it.each([65, 20_000, 1_000_000])('are refused from %i levels on', async (levels) => {
    await using server = await startVictim();
    const body = nested(levels);
    const answer = await server.send({ target: '/stream/any', headers: HEADERS, body });
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
    expect(await callsOf(server)).toBe(0);
    expect(await server.logs('error')).toEqual([]);
    await server.checkAlive();
  });

  it('are refused in a query, and served up to 64 levels in a body', async () => {
    await using server = await startVictim();
    const query = `args=${encodeURIComponent(nested(65))}`;
    const got = await server.send({ method: 'GET', target: `/stream/mirrored?${query}` });
    expect([got.status, rpcCodeOf(got)]).toEqual([400, -32600]);
    const body = nested(64);
    const answer = await server.send({ target: '/stream/any', headers: HEADERS, body });
    expect([answer.status, await callsOf(server)]).toEqual([200, 1]);
  });
});

describe('P04, P05: bodies that a framework has parsed', () => {
  it('pass the same bounds of size and depth', async () => {
    await using server = await startVictim({ isEmbedded: true });
    const headers = modernHeaders('tools/call', 'any');
    const large = { name: 'any', arguments: { x: 'x'.repeat(5 * 1024 * 1024) } };
    const body = modernBody('tools/call', large);
    expect((await server.send({ headers, body })).status).toBe(413);
    const deep = modernBody('tools/call', { name: 'any', arguments: { x: '@' } });
    for (const levels of [70, 50_000]) {
      const replaced = deep.replace('"@"', nested(levels));
      const answer = await server.send({ headers, body: replaced });
      expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
    }
    expect(await callsOf(server)).toBe(0);
    expect(await server.logs('error')).toEqual([]);
  });
});

describe('H07: targets that are no URL', () => {
  it.each(['http://[', 'http://%zz/', 'http://127.0.0.1:99999/mcp', 'http://'])(
    '%s is refused like any other host, and reported',
    async (target) => {
      await using server = await startVictim();
      const answer = await server.send({ target, headers: modernHeaders('tools/list') });
      expect(answer.status).toBe(400);
      expect(await server.logs('error')).toEqual([]);
      await server.checkAlive();
    },
  );
});

describe('H01, H11: headers that are untrue where none are demanded', () => {
  it.each(UNTRUE)('%s of a plain stream', async (line) => {
    await using server = await startVictim();
    const headers = [...HEADERS, line];
    const body = JSON.stringify(CALL.arguments);
    const answer = await server.send({ target: '/stream/mirrored', headers, body });
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32020]);
    const got = await server.send({
      method: 'GET',
      target: '/stream/mirrored?region=us',
      headers: [line],
    });
    expect([got.status, rpcCodeOf(got), await callsOf(server)]).toEqual([400, -32020, 0]);
    const plain = await server.send({ target: '/stream/mirrored', headers: HEADERS, body });
    expect([plain.status, await callsOf(server)]).toEqual([200, 1]);
  });

  it('are refused over HTTP+SSE, in both eras', async () => {
    await using server = await startVictim({ run: { transport: 'sse' } });
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const { data: target } = (await reader.next()) ?? { data: '' };
    const post = (body: string, headers: readonly Line[] = []) =>
      server.send({ target, headers: [...HEADERS, ...headers], body });
    const modern = modernBody('tools/call', CALL);
    const legacy = sessionBody('tools/call', CALL);
    expect((await post(initializeBody('2024-11-05'))).status).toBe(202);
    for (const body of [modern, legacy]) {
      for (const lines of UNTRUE) {
        const answer = await post(body, lines);
        expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32020]);
      }
    }
    const version = await post(modern, [['MCP-Protocol-Version', '2025-06-18']]);
    expect([version.status, rpcCodeOf(version), await callsOf(server)]).toEqual([400, -32020, 0]);
    const headers = modernHeaders('tools/call', 'mirrored').slice(2);
    expect((await post(modern, [...headers, ['Mcp-Param-Region', 'us']])).status).toBe(202);
    expect((await post(legacy)).status).toBe(202);
    await reader.cancel();
  });

  it('are refused of notifications and answers too', async () => {
    await using server = await startVictim();
    const headers: Line[] = [...HEADERS, ['Mcp-Method', 'notifications/initialized']];
    for (const message of [{ method: 'notifications/cancelled' }, { id: 1, result: {} }]) {
      const body = JSON.stringify({ jsonrpc: '2.0', ...message });
      const answer = await server.send({ headers, body });
      expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32020]);
    }
  });

  it('a session is not spoken to in the name of the stateless revision', async () => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-03-26');
    const headers: Line[] = [
      ...HEADERS,
      ['Mcp-Session-Id', peer.sessionId],
      ['MCP-Protocol-Version', MODERN],
    ];
    for (const body of [
      `[${sessionBody('tools/call', CALL)}]`,
      JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled' }),
    ]) {
      const answer = await server.send({ headers, body });
      expect([answer.status, jsonOf(answer)['error']]).toEqual([
        400,
        expect.objectContaining({ code: -32020 }),
      ]);
    }
    expect(await callsOf(server)).toBe(0);
  });
});
