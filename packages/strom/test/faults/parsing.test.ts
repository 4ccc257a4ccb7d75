import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modernBody, modernCall, modernHeaders, modernMeta } from '../harness/mcp-request.ts';
import { MeasuredServer } from '../harness/measured-server.ts';
import {
  jsonOf,
  RawConnection,
  type RawRequest,
  rawRequest,
  rpcCodeOf,
} from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const HEADERS = modernHeaders('tools/list');

/** Sends a body as if it were a valid call of `tools/list`; a plain call must work after it. */
async function sendBody(
  server: Victim,
  body: string | Uint8Array,
  more: RawRequest['headers'] = [],
) {
  const answer = await server.send({ headers: [...HEADERS, ...more], body });
  await server.checkAlive();
  return answer;
}

describe('P01: bodies that are no JSON', () => {
  it.each([
    ['a truncated message', modernBody('tools/list').slice(0, -1)],
    ['nothing', ''],
    ['blanks', ' \n'],
    ['NaN', 'NaN'],
    ['a byte order mark', `\uFEFF${modernBody('tools/list')}`],
    ['a trailing comma', '{"jsonrpc":"2.0",}'],
    ['two values', `${modernBody('tools/list')}${modernBody('tools/list')}`],
    ['a comment', '{}//'],
    ['single quotes', "{'jsonrpc':'2.0'}"],
    ['a control character in a string', '{"jsonrpc":"2.0","method":"a\u0000b"}'],
    ['an unfinished escape', '{"jsonrpc":"\\u00"}'],
  ])('%s', async (_, body) => {
    await using server = await startVictim();
    const answer = await sendBody(server, body);
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32700]);
    expect(answer.body).not.toContain('"id"');
  });

  it('any mutation of a valid message is answered, and nothing is thrown', async () => {
    await using server = await startVictim();
    const valid = Buffer.from(modernBody('tools/call', { name: 'echo', arguments: { text: 'é' } }));
    const edit = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(4));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let bytes = Buffer.from(valid);
        for (const [at, byte, cut] of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + cut)]);
        }
        const headers = modernHeaders('tools/call', 'echo');
        const answer = await server.send({ headers, body: bytes });
        expect([200, 202, 400, 404]).toContain(answer.status);
        expect(answer.status === 202 || jsonOf(answer)['jsonrpc']).toBeTruthy();
      }),
      { numRuns: 150 },
    );
    expect(await server.logs('error')).toEqual([]);
    await server.checkAlive();
  });
});

describe('P02: bytes that are no UTF-8', () => {
  it.each([
    ['FF FE', [0xff, 0xfe]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['a character cut short', [0xe2, 0x82]],
  ])('%s inside a string', async (_, bad) => {
    await using server = await startVictim();
    const [head = '', tail = ''] = modernBody('tools/list', { cursor: '|' }).split('|');
    const body = Buffer.concat([Buffer.from(head), Buffer.from(bad), Buffer.from(tail)]);
    const answer = await sendBody(server, body);
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32700]);
  });
});

describe('P03: bodies under another label', () => {
  const body = modernBody('tools/list');

  it.each([
    ['utf-16', 'application/json; charset=utf-16'],
    ['latin1', 'application/json; charset=iso-8859-1'],
    ['two types', 'application/json, text/plain'],
    ['another JSON type', 'application/json-rpc'],
    ['a prefix', 'application/jsonp'],
  ])('%s', async (_, type) => {
    await using server = await startVictim();
    const headers = HEADERS.map(
      ([name, value]) => [name, name === 'Content-Type' ? type : value] as const,
    );
    const answer = await server.send({ headers, body });
    expect(answer.status).toBe(415);
    await server.checkAlive();
  });

  it.each([
    ['gzip', gzipSync(body)],
    ['gzip, a false label', body],
    ['gzip, a bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
    ['br', body],
    ['identity, gzip', gzipSync(body)],
  ])('Content-Encoding: %s', async (label, bytes) => {
    await using server = await startVictim();
    const encoding =
      label.split(',')[0] === 'identity' ? 'identity, gzip' : (label.split(',')[0] ?? '');
    const answer = await sendBody(server, bytes, [['Content-Encoding', encoding]]);
    expect(answer.status).toBe(415);
  });

  it('is fine where it names UTF-8 and no coding', async () => {
    await using server = await startVictim();
    for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
      const headers = HEADERS.map(
        ([name, value]) => [name, name === 'Content-Type' ? type : value] as const,
      );
      const answer = await server.send({
        headers: [...headers, ['Content-Encoding', 'identity']],
        body,
      });
      expect(answer.status).toBe(200);
    }
  });
});

describe('P04: bodies over the limit', () => {
  const LIMIT = 4 * 1024 * 1024;

  it('is refused by its length before it is read, and the connection closed', async () => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    const headers = [...HEADERS, ['Content-Length', String(LIMIT + 1)] as const];
    connection.write(rawRequest(server.port, { headers }));
    expect((await connection.answer()).status).toBe(413);
    await connection.closed();
    await server.checkAlive();
  });

  it('is refused in chunks as soon as it is over, and the connection closed', async () => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    connection.write(
      rawRequest(server.port, { headers: [...HEADERS, ['Transfer-Encoding', 'chunked']] }),
    );
    const chunk = Buffer.concat([
      Buffer.from('10000\r\n'),
      Buffer.alloc(65_536, 0x20),
      Buffer.from('\r\n'),
    ]);
    for (let count = 0; count <= LIMIT / 65_536; count += 1) connection.write(chunk);
    expect((await connection.answer()).status).toBe(413);
    await connection.closed();
    await server.checkAlive();
  });

  it('costs what it holds, however small the chunks in which it comes', async () => {
    await using server = await MeasuredServer.start();
    await using connection = await RawConnection.open(server.port);
    connection.write(
      rawRequest(server.port, { headers: [...HEADERS, ['Transfer-Encoding', 'chunked']] }),
    );
    const before = server.memoryMb('VmRSS');
    const chunks = '1\r\n \r\n'.repeat(10_000);
    for (let count = 0; count < 100; count += 1) {
      if (!connection.socket.write(chunks)) await once(connection.socket, 'drain');
    }
    connection.write('0\r\n\r\n');
    expect((await connection.answer()).status).toBe(400);
    expect(server.memoryMb('VmHWM') - before).toBeLessThan(100);
    await server.checkAlive();
  });

  it('takes a body of exactly the limit', async () => {
    await using server = await startVictim();
    const body = modernBody('tools/list').padEnd(LIMIT, ' ');
    expect((await sendBody(server, body)).status).toBe(200);
  });

  it('runs nothing for a body shorter than it said', async () => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    const { headers = [], body = '' } = modernCall('tick');
    const length = ['Content-Length', String(body.length + 10)] as const;
    connection.write(rawRequest(server.port, { headers: [...headers, length], body }));
    connection.socket.end();
    await connection.closed();
    await server.checkAlive();
    expect(await server.noted('tick')).toBe(0);
  });
});

describe('P07: names of the prototype', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s',
    async (name) => {
      await using server = await startVictim();
      const post = (method: string, params: object, header?: string) =>
        server.send({ headers: modernHeaders(method, header), body: bodyOf(method, params) });
      expect(rpcCodeOf(await post('tools/call', { name }, name))).toBe(-32602);
      expect(rpcCodeOf(await post('prompts/get', { name }, name))).toBe(-32602);
      expect(rpcCodeOf(await post('resources/read', { uri: name }, name))).toBe(-32602);
      expect(rpcCodeOf(await post('tools/list', { cursor: name }))).toBe(-32602);
      const ref = { type: 'ref/prompt', name: 'p' };
      const completed = await post('completion/complete', { ref, argument: { name, value: '' } });
      expect(jsonOf(completed)).toMatchObject({ result: { completion: { values: [] } } });
      const own = JSON.parse(`{"${name}":{"polluted":true},"x":1}`);
      const called = await post('tools/call', { name: 'keys', arguments: own }, 'keys');
      expect(called.body).toContain(`"text":"${name},x"`);
      expect((await post('tools/list', { _meta: own })).status).toBe(200);
      const sessionless = await server.send({
        headers: [
          ['Content-Type', 'application/json'],
          ['Mcp-Session-Id', name],
        ],
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
      expect(sessionless.status).toBe(404);
      expect((await server.send({ target: `/stream/${name}` })).status).toBe(404);
      await server.checkAlive();
    },
  );

  function bodyOf(method: string, params: object): string {
    // `modernBody` would lose an own `__proto__` on its way through spread and stringify.
    const { _meta, ...rest } = params as { _meta?: object };
    const meta = JSON.stringify(modernMeta()).slice(0, -1);
    const extra = _meta === undefined ? '' : `,${JSON.stringify(_meta).slice(1, -1)}`;
    const own = JSON.stringify(rest).slice(1, -1);
    const members = `${own}${own === '' ? '' : ','}"_meta":${meta}${extra}}`;
    return `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{${members}}}`;
  }
});

describe('P08: request ids', () => {
  it.each(['1', '0', '-7', '9007199254740991', '""', '"x"', '"\\u0041\\n"', '"世界"', '1.0'])(
    '%s is echoed byte for byte',
    async (id) => {
      await using server = await startVictim();
      const body = modernBody('tools/list', {}, '|').replace('"|"', () => id);
      const answer = await sendBody(server, body);
      expect(answer.body.startsWith(`{"jsonrpc":"2.0","id":${id},"result":`)).toBe(true);
      const wrong = modernBody('tools/call', { name: 'none' }, '|').replace('"|"', () => id);
      const refused = await server.send({
        headers: modernHeaders('tools/call', 'none'),
        body: wrong,
      });
      expect(refused.body.startsWith(`{"jsonrpc":"2.0","id":${id},"error":`)).toBe(true);
    },
  );

  it.each([
    'null',
    '1.5',
    '9007199254740993',
    '12345678901234567890',
    '{}',
    '[]',
    'true',
    `"${'x'.repeat(1_000_000)}"`,
  ])('%.30s is refused', async (id) => {
    await using server = await startVictim();
    const body = modernBody('tools/list', {}, '|').replace('"|"', () => id);
    const answer = await sendBody(server, body);
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
    expect(answer.body.length).toBeLessThan(500);
  });

  it('a request without one is a notification and gets no answer', async () => {
    await using server = await startVictim();
    const answer = await sendBody(server, '{"jsonrpc":"2.0","method":"tools/list"}');
    expect([answer.status, answer.body]).toEqual([202, '']);
  });
});

describe('P10: batches', () => {
  it.each([
    ['one of one', `[${modernBody('tools/list')}]`],
    ['an empty one', '[]'],
    [
      'one of 101',
      `[${Array.from({ length: 101 }, (_, id) => modernBody('tools/list', {}, id)).join()}]`,
    ],
    ['one with equal ids', `[${modernBody('tools/list')},${modernBody('tools/list')}]`],
    ['a nested one', `[[${modernBody('tools/list')}]]`],
  ])('%s is refused by the stateless revision', async (_, body) => {
    await using server = await startVictim();
    const answer = await sendBody(server, body);
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
  });
});

describe('P09: names in another case', () => {
  it.each([
    ['Method', modernBody('tools/list').replace('"method"', '"Method"')],
    ['paramſ', modernBody('tools/list').replace('"params"', '"paramſ"')],
    ['METHOD beside method', modernBody('tools/list').replace('{', '{"METHOD":"tools/call",')],
  ])('%s is another name', async (name, body) => {
    await using server = await startVictim();
    const answer = await sendBody(server, body);
    expect(answer.status).toBe(name.startsWith('METHOD') ? 200 : 400);
  });
});
