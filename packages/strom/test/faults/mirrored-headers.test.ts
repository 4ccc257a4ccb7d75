import { describe, expect, it } from 'vitest';
import { Strom } from '../../src/serve/strom.ts';
import {
  initializeBody,
  META_PREFIX,
  MODERN,
  modernBody,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { rpcCodeOf } from '../harness/raw-http.ts';
import { endSession, openSession } from './support/session.ts';
import { startVictim, type Victim } from './support/victim.ts';

type Line = readonly [string, string];

const CALL = {
  name: 'mirrored',
  arguments: { region: 'eu-1', count: 42, deep: { on: true }, secret: 'x' },
};
const VALID: readonly Line[] = [
  ...modernHeaders('tools/call', 'mirrored'),
  ['Mcp-Param-Region', 'eu-1'],
  ['Mcp-Param-Count', '42'],
  ['Mcp-Param-On', 'true'],
];
const BODY = modernBody('tools/call', CALL);
const MIRRORS = [
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
  'Mcp-Param-Region',
  'Mcp-Param-Count',
  'Mcp-Param-On',
] as const;

const sentAs = (name: string): string => VALID.find(([key]) => key === name)?.[1] ?? '';
const replaced = (name: string, value: string): Line[] =>
  VALID.map(([key, old]) => [key, key === name ? value : old]);
const without = (name: string): Line[] => VALID.filter(([key]) => key !== name);

async function expectMismatch(
  server: Victim,
  headers: readonly Line[],
  body = BODY,
): Promise<void> {
  const before = await server.noted('mirrored');
  const answer = await server.send({ headers, body });
  expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32020]);
  expect(await server.noted('mirrored')).toBe(before);
}

async function expectCalled(server: Victim, headers: readonly Line[], body = BODY): Promise<void> {
  const answer = await server.send({ headers, body });
  expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('called')]);
}

describe('H01: headers that repeat the body', () => {
  it.each(MIRRORS)('%s must be there, once, and equal', async (name) => {
    await using server = await startVictim();
    await expectCalled(server, VALID);
    await expectMismatch(server, without(name));
    await expectMismatch(server, replaced(name, 'other'));
    await expectMismatch(server, replaced(name, ''));
    await expectMismatch(server, replaced(name, `${sentAs(name)}x`));
    await expectMismatch(server, [...VALID, [name, sentAs(name)]]);
    await expectMismatch(server, [...VALID, [name.toUpperCase(), 'other']]);
    await expectMismatch(server, replaced(name, `${sentAs(name)}, ${sentAs(name)}`));
    await expectMismatch(server, replaced(name, `${sentAs(name)}\u00e9`));
    await server.checkAlive();
  });

  it.each(['Mcp-Method', 'Mcp-Name', 'Mcp-Param-Region', 'Mcp-Param-On'])(
    '%s is compared with its case',
    async (name) => {
      await using server = await startVictim();
      await expectMismatch(server, replaced(name, sentAs(name).toUpperCase()));
    },
  );

  it.each(MIRRORS)('%s may be padded, and its name be written in any case', async (name) => {
    await using server = await startVictim();
    await expectCalled(server, replaced(name, `  \t${sentAs(name)} \t `));
    const renamed = VALID.map(
      ([key, value]): Line => [key === name ? key.toLowerCase() : key, value],
    );
    await expectCalled(server, renamed);
  });

  it('integers are compared as numbers, and texts as texts', async () => {
    await using server = await startVictim();
    await expectCalled(server, replaced('Mcp-Param-Count', '42.0'));
    await expectMismatch(server, replaced('Mcp-Param-Count', '42.5'));
    await expectMismatch(server, replaced('Mcp-Param-Count', '0x2a'));
    const digits = modernBody('tools/call', {
      ...CALL,
      arguments: { ...CALL.arguments, region: '7' },
    });
    await expectCalled(server, replaced('Mcp-Param-Region', '7'), digits);
    await expectMismatch(server, replaced('Mcp-Param-Region', '7.0'), digits);
    await expectMismatch(server, replaced('Mcp-Param-Region', '07'), digits);
  });

  it('an argument that is absent or null is mirrored by no header', async () => {
    await using server = await startVictim();
    const { region: _, ...rest } = CALL.arguments;
    for (const args of [rest, { ...rest, region: null }]) {
      const body = modernBody('tools/call', { ...CALL, arguments: args });
      await expectMismatch(server, VALID, body);
      const answer = await server.send({ headers: without('Mcp-Param-Region'), body });
      expect(answer.status).toBe(200);
    }
  });

  it('a header for a parameter that is not marked is passed over', async () => {
    await using server = await startVictim();
    await expectCalled(server, [...VALID, ['Mcp-Param-Secret', 'anything']]);
  });

  it.each([
    ['prompts/get', { name: 'p' }, 'p'],
    ['resources/read', { uri: 'test://r' }, 'test://r'],
  ])('Mcp-Name repeats the target of %s', async (method, params, name) => {
    await using server = await startVictim();
    const body = modernBody(method, params);
    expect((await server.send({ headers: modernHeaders(method, name), body })).status).toBe(200);
    await expectMismatch(server, modernHeaders(method), body);
    await expectMismatch(server, modernHeaders(method, 'other'), body);
    await server.checkAlive();
  });
});

describe('H02: values in Base64', () => {
  const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;
  const bodyFor = (region: string): string =>
    modernBody('tools/call', { ...CALL, arguments: { ...CALL.arguments, region } });

  it('are decoded once, also where plain text would have done', async () => {
    await using server = await startVictim();
    for (const text of ['eu-1', '世界', ' padded ', 'a\r\nb', '\0', encoded('x')]) {
      await expectCalled(server, replaced('Mcp-Param-Region', encoded(text)), bodyFor(text));
    }
    await expectCalled(server, replaced('Mcp-Name', encoded('mirrored')));
    const twice = encoded(encoded('eu-1'));
    await expectMismatch(server, replaced('Mcp-Param-Region', twice));
    await server.checkAlive();
  });

  it.each([
    ['no padding', '=?base64?ZXUtMQ?=', 'eu-1'],
    ['half the padding', '=?base64?ZXUtMQ=?=', 'eu-1'],
    ['another alphabet', '=?base64?8J-YgA==?=', '😀'],
    ['a blank inside', '=?base64?ZXUt MQ==?=', 'eu-1'],
    ['rubbish behind', '=?base64?ZXUtMQ==x?=', 'eu-1'],
    ['another case of the mark', '=?BASE64?ZXUtMQ==?=', 'eu-1'],
    ['nothing', '=?base64??=', 'eu-1'],
    ['bytes that are no UTF-8', '=?base64?/////w==?=', 'eu-1'],
    ['bits that do not count', '=?base64?ZWNobx==?=', 'echo'],
  ])('are refused with %s', async (_, header, text) => {
    await using server = await startVictim();
    await expectMismatch(server, replaced('Mcp-Param-Region', header), bodyFor(text));
    await expectMismatch(server, replaced('Mcp-Name', header));
    await server.checkAlive();
  });
});

describe('H04: marks that are no header names', () => {
  it.each<[unknown, string]>([
    ['A\r\nSet-Cookie: x', 'string'],
    ['', 'string'],
    ['Ä', 'string'],
    ['A', 'number'],
    ['A', 'object'],
  ])('%j on a %s is refused at registration', (name, type) => {
    const strom = new Strom({ name: 'marked', version: '0.0.1' });
    const properties = { a: { type, 'x-mcp-header': name } };
    const input = { type: 'object', properties };
    expect(() => strom.tool('bad', { description: 'x', input }, () => 'x')).toThrow(TypeError);
  });
});

describe('H11: one era in the words of the other', () => {
  it('headers of the stateless revision do not fit a body of a session', async () => {
    await using server = await startVictim();
    const body = sessionBody('tools/call', CALL);
    const refused = await server.send({ headers: modernHeaders('tools/call', 'mirrored'), body });
    expect([refused.status, rpcCodeOf(refused)]).toEqual([400, -32602]);
    await expectMismatch(server, modernHeaders('tools/list'), body);
    expect(await server.noted('mirrored')).toBe(0);
    await server.checkAlive();
  });

  it('a body of the stateless revision does not fit the header of a session', async () => {
    await using server = await startVictim();
    for (const version of ['2025-11-25', '1999-01-01', 'x']) {
      await expectMismatch(server, replaced('MCP-Protocol-Version', version));
    }
    await server.checkAlive();
  });

  it.each(['2025-11-25', '2025-06-18', '2025-03-26'])(
    'what is mirrored in a session of %s must be true too',
    async (revision) => {
      await using server = await startVictim();
      await using peer = await openSession(server, revision);
      const body = sessionBody('tools/call', CALL);
      for (const headers of [
        { 'mcp-method': 'tools/list' },
        { 'mcp-name': 'echo' },
        { 'mcp-param-region': 'us-1' },
      ]) {
        const response = await peer.post(body, { headers });
        expect(response.status).toBe(400);
        expect(rpcCodeOf({ body: await response.text() })).toBe(-32020);
      }
      expect(await server.noted('mirrored')).toBe(0);
      const headers = {
        'mcp-method': 'tools/call',
        'mcp-name': 'mirrored',
        'mcp-param-region': 'eu-1',
      };
      expect(await (await peer.post(body, { headers })).text()).toContain('called');
      expect(await (await peer.post(body)).text()).toContain('called');
    },
  );

  it('a version nobody speaks is answered with those that are', async () => {
    await using server = await startVictim();
    const params = { _meta: { [`${META_PREFIX}protocolVersion`]: '2099-01-01' } };
    const headers = modernHeaders('tools/list').map(
      ([name, value]): Line => [name, value === MODERN ? '2099-01-01' : value],
    );
    const answer = await server.send({ headers, body: modernBody('tools/list', params) });
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32022]);
    expect(JSON.parse(answer.body).error.data.supported[0]).toBe(MODERN);
  });

  it('an initialize with the words of the stateless revision is no method there', async () => {
    await using server = await startVictim();
    const answer = await server.send({
      headers: modernHeaders('initialize'),
      body: modernBody('initialize', { protocolVersion: MODERN }),
    });
    expect([answer.status, rpcCodeOf(answer)]).toEqual([404, -32601]);
    expect(answer.headers.has('mcp-session-id')).toBe(false);
    const opened = await server.send({
      headers: [['Content-Type', 'application/json']],
      body: initializeBody('2025-11-25'),
    });
    expect(opened.status).toBe(200);
    await endSession(server, opened);
  });

  it.each([
    ['no capabilities', { clientCapabilities: undefined }],
    ['capabilities that are no object', { clientCapabilities: [] }],
    ['a client without a name', { clientInfo: { version: '1' } }],
    ['an unknown log level', { logLevel: 'loud' }],
  ])('_meta with %s is refused', async (_, over) => {
    await using server = await startVictim();
    const _meta = Object.fromEntries(
      Object.entries(over).map(([key, value]) => [META_PREFIX + key, value]),
    );
    const answer = await server.send({
      headers: modernHeaders('tools/list'),
      body: modernBody('tools/list', { _meta }),
    });
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32602]);
    await server.checkAlive();
  });
});
