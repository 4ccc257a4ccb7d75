import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { describe, expect, it } from 'vitest';
import type { LogFields } from '../../src/base/logger.ts';
import { connect } from '../../src/entry/client.ts';
import { modernBody, modernCall, modernHeaders, sessionBody } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

/** What every line over HTTP has, whatever it tells of. */
const ALWAYS = [
  ...['who', 'op', 'transport', 'outcome', 'status', 'ms'],
  ...['bytes', 'events', 'coalesced', 'dropped', 'correlation'],
];

const fields = ({ logs }: Started): LogFields[] =>
  logs.at('info').flatMap((record) => ('op' in record.fields ? [record.fields] : []));

/** The values of some fields, line by line. */
function told(started: Started, ...names: readonly string[]): unknown[][] {
  return fields(started).map((line) => names.map((name) => line[name]));
}

const start = (tls?: 'dev'): Promise<Started> =>
  startStrom(
    (strom) => {
      strom.tool('fail', { description: 'Fails' }, () => {
        throw new Error('a defect');
      });
      strom.tool('guarded', { description: 'For some', scopes: ['files'] }, () => 'secret');
      strom.tool('wait', { description: 'Waits' }, async (_, ctx) => {
        await ctx.info('begun');
        await once(ctx.signal, 'abort');
      });
      strom.tool('silent', { description: 'Waits and says nothing' }, (_, ctx) => {
        strom.logger.info({}, 'it runs');
        return once(ctx.signal, 'abort');
      });
    },
    { run: { legacySse: true, ...(tls !== undefined && { tls }) } },
  );

describe('every line about HTTP', () => {
  it.each([
    ['a call', modernCall('echo', { text: 'x' }), [200, 'ok']],
    ['a call that fails', modernCall('fail'), [200, 'ERR_INTERNAL']],
    ['a call that may not be', modernCall('guarded'), [403, 'ERR_INSUFFICIENT_SCOPE']],
    ['a method nobody knows', unknownMethod(), [404, 'ERR_METHOD_NOT_FOUND']],
    ['a refusal', { target: '/none' }, [404, 'ERR_PATH_NOT_FOUND']],
    ['a plain call', plain('echo', '{"text":"x"}'), [200, 'ok']],
    ['a plain call that fails', plain('fail', '{}'), [500, 'ERR_INTERNAL']],
    ['a body that is no JSON', plain('echo', '{'), [400, 'ERR_PARSE']],
  ])('has all there is to say, and the status that was sent: %s', async (_, request, expected) => {
    await using started = await start();
    const { status } = await started.send(request);
    expect(told(started, 'status', 'outcome')).toEqual([expected]);
    expect(status).toBe(expected[0]);
    expect(Object.keys(fields(started)[0] ?? {})).toEqual(expect.arrayContaining(ALWAYS));
  });

  it('names client and revision also of what is refused', async () => {
    await using started = await start();
    const wrong = modernCall('echo');
    const headers = (wrong.headers ?? []).map(
      ([name, value]) => [name, name === 'Mcp-Name' ? 'another' : value] as const,
    );
    await started.send({ ...wrong, headers });
    expect(told(started, 'op', 'outcome', 'status', 'revision', 'client', 'clientVersion')).toEqual(
      [['tools/call', 'ERR_HEADER_MISMATCH', 400, '2026-07-28', 'test', '1']],
    );
  });

  it('has them in a session, its notifications and its end included', async () => {
    await using started = await start();
    const clientInfo = { name: 'old', version: '7' };
    const client = await connect(started.url, { era: 'session', clientInfo });
    await client.call('echo', { text: 'x' });
    await client.close();
    const lines = told(started, 'op', 'status', 'client', 'clientVersion', 'revision');
    const self = ['old', '7', '2025-11-25'];
    expect(lines).toEqual(
      expect.arrayContaining([
        ['initialize', 200, ...self],
        ['notifications/initialized', 202, ...self],
        ['tools/call', 200, ...self],
        ['DELETE', 204, ...self],
      ]),
    );
    for (const line of fields(started)) {
      expect(Object.keys(line)).toEqual(expect.arrayContaining(ALWAYS));
    }
  });

  it('has them in a batch', async () => {
    await using started = await start();
    await using peer = await HttpPeer.at(started.url, '2025-03-26');
    await (await peer.post(`[${sessionBody('ping')},{"jsonrpc":"1.0","id":7}]`)).text();
    await (await peer.post('[{"jsonrpc":"2.0","method":"notifications/initialized"}]')).text();
    expect(told(started, 'op', 'status', 'outcome', 'revision').slice(-3)).toEqual([
      ['ping', 200, 'ok', '2025-03-26'],
      ['_OTHER', 200, 'ERR_INVALID_REQUEST', '2025-03-26'],
      ['POST', 202, 'ok', '2025-03-26'],
    ]);
  });

  it('has them over HTTP+SSE, where every message is taken with 202', async () => {
    await using started = await start();
    const clientInfo = { name: 'old', version: '7' };
    const client = await connect(`${started.origin}/sse`, { era: 'sse', clientInfo });
    await client.call('echo', { text: 'x' });
    await client.close();
    expect(told(started, 'op', 'status', 'client')).toEqual([
      ['GET', 200, undefined],
      ['initialize', 202, 'old'],
      ['POST', 202, 'old'],
      ['tools/call', 202, 'old'],
    ]);
  });

  it('has the status of an answer that was cut, or that of its error', async () => {
    await using started = await start();
    for (const [tool, sign] of [
      ['wait', undefined],
      ['silent', started.logs.waitFor('it runs')],
    ] as const) {
      const ended = started.logs.waitFor('call');
      await using connection = await RawConnection.open(started.port);
      const meta = { progressToken: 1, 'io.modelcontextprotocol/logLevel': 'info' };
      connection.socket.write(rawRequest(started.port, modernCall(tool, {}, meta)));
      await (sign ?? once(connection.socket, 'data'));
      connection.socket.destroy();
      await ended;
    }
    expect(told(started, 'target', 'status', 'outcome')).toEqual([
      ['wait', 200, 'ERR_PEER_GONE'],
      ['silent', 499, 'ERR_PEER_GONE'],
    ]);
  });

  it('has no method of HTTP that a client has made up', async () => {
    await using started = await start('dev');
    const session = connectHttp2(started.origin, { rejectUnauthorized: false });
    for (const method of ['MADE-UP', 'PURGE', 'GET']) {
      const stream = session.request({ ':method': method, ':path': '/none' }, { endStream: true });
      await once(stream.resume(), 'end');
    }
    session.close();
    expect(told(started, 'op')).toEqual([['_OTHER'], ['_OTHER'], ['GET']]);
  });
});

function unknownMethod() {
  return { headers: modernHeaders('tools/none'), body: modernBody('tools/none') };
}

function plain(tool: string, body: string) {
  const headers = [['Content-Type', 'application/json']] as const;
  return { target: `/stream/${tool}`, headers, body };
}
