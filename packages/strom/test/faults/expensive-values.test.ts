import { describe, expect, it } from 'vitest';
import { META_PREFIX, modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { rpcCodeOf } from '../harness/raw-http.ts';
import { openSession } from './support/session.ts';
import { startVictim } from './support/victim.ts';

describe('P05: deep nesting and repeated keys', () => {
  it.each([
    [
      '65 lists',
      `{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":${'['.repeat(63)}${']'.repeat(63)}}}`,
    ],
    ['a million lists', `{"a":${'['.repeat(1_000_000)}`],
    ['a million objects', '{"a":'.repeat(700_000)],
    ['method twice', modernBody('tools/list').replace('{', '{"method":"tools/call",')],
    [
      'method twice, spelled with an escape',
      modernBody('tools/list').replace('{', '{"m\\u0065thod":"x",'),
    ],
    [
      'name twice',
      modernBody('tools/call', { name: 'echo' }).replace('"name"', '"name":"x","name"'),
    ],
    [
      'a version twice',
      modernBody('tools/list').replace(
        `"${META_PREFIX}p`,
        `"${META_PREFIX}protocolVersion":"x","${META_PREFIX}p`,
      ),
    ],
  ])('%s is refused', async (_, body) => {
    await using server = await startVictim();
    const answer = await server.send({ headers: modernHeaders('tools/list'), body });
    await server.checkAlive();
    expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
  });

  it('a result that nests too deep is answered with an error', async () => {
    await using server = await startVictim();
    const answer = await server.send(modernCall('deep'));
    expect(rpcCodeOf(answer)).toBe(-32603);
    await server.checkAlive();
  });
});

describe('P06: large and odd values within the limits', () => {
  it.each([
    [
      '300 000 keys',
      () => `{${Array.from({ length: 300_000 }, (_, key) => `"${key}":1`).join(',')}}`,
    ],
    ['a key of 1 MB', () => `{"${'k'.repeat(1_000_000)}":1}`],
    ['a number of 4 MB', () => `{"n":${'9'.repeat(4_000_000)}}`],
    ['a text of 4 MB', () => `{"text":"${'x'.repeat(4_000_000)}"}`],
    ['1e400', () => '{"n":1e400}'],
    ['minus zero', () => '{"n":-0}'],
  ])('%s', async (_, args) => {
    await using server = await startVictim();
    const body = modernBody('tools/call', { name: 'any', arguments: '|' }).replace('"|"', args());
    const answer = await server.send({ headers: modernHeaders('tools/call', 'any'), body });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('called')]);
    await server.checkAlive();
  });

  it.each([
    ['numbers', (index: number) => index, '300000'],
    ['objects', (index: number) => ({ a: index }), '300000'],
    ['lists', (index: number) => [index, 'x'], '300000'],
    ['texts', (index: number) => `t${index}`, '300000'],
  ])('300 000 unique %s are checked without blocking others for long', async (_, item, count) => {
    await using server = await startVictim();
    const items = Array.from({ length: Number(count) }, (_, index) => item(index));
    const request = modernCall('unique', { items });
    const lag = await server.delayDuring(async () => {
      const answer = await server.send(request);
      expect(answer.body).toContain(`"text":"${count}"`);
    });
    expect(lag).toBeLessThan(3000);
  });

  it('finds the items that are not unique, by value and not by spelling', async () => {
    await using server = await startVictim();
    for (const [items, isUnique] of [
      [[1, '1', true, null, [], {}], true],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        false,
      ],
      [[1, 2, 1], false],
      [[[1], [1]], false],
      [[{ a: [1, { b: null }] }, { a: [1, { b: 0 }] }], true],
    ] as const) {
      const answer = await server.send(modernCall('unique', { items }));
      expect(answer.body.includes('"isError":true')).toBe(!isUnique);
    }
  });
});

describe('P11: texts that are slow to match', () => {
  const LONG = 12_000;

  async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
    const startedMs = performance.now();
    await work();
    return performance.now() - startedMs;
  }

  it.each([
    ['Accept', `text/html,${',;q='.repeat(LONG / 4)}`],
    ['Accept', `${' '.repeat(LONG)}x`],
    ['Content-Type', `application/json${' \t'.repeat(LONG / 2)};`],
    ['Content-Type', `application/json;${'charset=utf-8 '.repeat(LONG / 14)}`],
    ['Host', `${'a-'.repeat(LONG / 2)}.`],
    ['Host', `[${':'.repeat(LONG)}`],
    ['Origin', `http://${'a.'.repeat(LONG / 2)}!`],
    ['Mcp-Name', `=?base64?${'A'.repeat(LONG)}!?=`],
    ['Mcp-Name', `a${' '.repeat(LONG)}\t`],
    ['Last-Event-ID', `${'-'.repeat(LONG)}1`],
    ['Authorization', `Bearer ${' '.repeat(LONG)}x`],
  ])('%s of 12 KB is answered at once', async (name, value) => {
    await using server = await startVictim();
    await server.checkAlive();
    const kept = modernHeaders('tools/call', 'echo').filter(([key]) => key !== name);
    const { body = '' } = modernCall('echo', { text: 'x' });
    const took = await millisecondsOf(() =>
      server.send({ headers: [...kept, [name, value]], body }),
    );
    expect(took).toBeLessThan(200);
    await server.checkAlive();
  });

  it('a URI of 64 KB is matched against templates at once', async () => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-11-25');
    for (const piece of ['/', '%2f', ',', '{', '../', 'x/']) {
      const uri = `t://${piece.repeat(64_000 / piece.length)}`;
      const took = await millisecondsOf(async () => {
        await (await peer.request('resources/read', { uri })).answer();
      });
      expect(took).toBeLessThan(200);
    }
    await server.checkAlive();
  });
});
