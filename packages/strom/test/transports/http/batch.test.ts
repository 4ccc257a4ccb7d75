import { describe, expect, it } from 'vitest';
import { modernBody, modernHeaders, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { rpcCodeOf } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { startStrom } from '../../harness/start-strom.ts';

const call = (text: string, id: unknown): string =>
  sessionBody('tools/call', { name: 'echo', arguments: { text } }, id);
const notification = '{"jsonrpc":"2.0","method":"notifications/none"}';

interface Answer {
  readonly id?: unknown;
  readonly result?: { content: { text: string }[] };
  readonly error?: { code: number };
}

async function answersOf(response: Response): Promise<Answer[]> {
  return (await response.json()) as Answer[];
}

describe('a batch in a session of 2025-03-26', () => {
  it('is answered with one array that holds an answer for each request', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const response = await peer.post(`[${call('a', 1)},${notification},${call('b', '1')}]`);
    expect(response.headers.get('content-type')).toBe('application/json');
    const answers = await answersOf(response);
    expect(answers.map(({ id, result }) => [id, result?.content[0]?.text])).toEqual([
      [1, 'echo: a'],
      ['1', 'echo: b'],
    ]);
  });

  it('answers the faulty messages too, without an id where none could be read', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const response = await peer.post(
      `[${call('a', 1)},7,[${call('b', 2)}],{"jsonrpc":"1.0","id":3,"method":"x"},${call('c', null)}]`,
    );
    const answers = await answersOf(response);
    expect(answers).toHaveLength(5);
    expect(answers.filter(({ error }) => error?.code === -32600)).toHaveLength(4);
    expect(answers.flatMap(({ id }) => id ?? [])).toEqual(expect.arrayContaining([1, 3]));
  });

  it('streams notifications before the array', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('speak', { description: 'Speaks' }, async (_, ctx) => {
        await ctx.progress(1);
        return 'said';
      });
    });
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const speak = sessionBody('tools/call', { name: 'speak', _meta: { progressToken: 'p' } }, 2);
    const events = await new SseReader(await peer.post(`[${call('a', 1)},${speak}]`)).rest();
    expect(events).toHaveLength(2);
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ params: { progressToken: 'p' } });
    expect(JSON.parse(events[1]?.data ?? '')).toHaveLength(2);
  });

  it('of notifications and answers alone is accepted with 202', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const response = await peer.post(`[${notification},{"jsonrpc":"2.0","id":9,"result":{}}]`);
    expect([response.status, await response.text()]).toEqual([202, '']);
  });

  it('is answered for the others when one of its requests is cancelled', async () => {
    await using server = await startStrom((strom) => {
      strom.tool(
        'wait',
        { description: 'Waits' },
        (_, ctx) =>
          new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve('late'))),
      );
    });
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const wait = sessionBody('tools/call', { name: 'wait' }, 'w');
    const posted = peer.post(`[${wait},${call('a', 1)}]`);
    await peer.ping();
    const params = { requestId: 'w' };
    await peer.post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));
    expect((await answersOf(await posted)).map(({ id }) => id)).toEqual([1]);
  });

  it.each([
    ['an empty one', '[]'],
    ['one of 101', `[${Array.from({ length: 101 }, (_, id) => call('x', id)).join(',')}]`],
    ['one with equal ids', `[${call('a', 1)},${call('b', 1)}]`],
  ])('is refused: %s', async (_, body) => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const response = await peer.post(body);
    expect(response.status).toBe(400);
    expect(rpcCodeOf({ body: await response.text() })).toBe(-32600);
    expect(await peer.ping()).toBe(200);
  });

  it('is refused when a header says something else of any of its requests', async () => {
    let calls = 0;
    await using server = await startStrom((strom) => {
      strom.tool('danger', { description: 'Counts' }, () => {
        calls += 1;
        return 'done';
      });
    });
    await using peer = await HttpPeer.at(server.url, '2025-03-26');
    const danger = sessionBody('tools/call', { name: 'danger' }, 2);
    for (const headers of [{ 'mcp-method': 'tools/list' }, { 'mcp-name': 'echo' }]) {
      const response = await peer.post(`[${call('a', 1)},${danger}]`, { headers });
      expect(response.status).toBe(400);
      expect(rpcCodeOf({ body: await response.text() })).toBe(-32020);
    }
    expect(calls).toBe(0);
  });
});

describe('a batch anywhere else', () => {
  it.each(['2025-11-25', '2025-06-18'])('is refused in a session of %s', async (revision) => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const response = await peer.post(`[${call('a', 1)}]`);
    expect(response.status).toBe(400);
    expect(rpcCodeOf({ body: await response.text() })).toBe(-32600);
  });

  it('is refused without a session, whatever it says of itself', async () => {
    await using server = await startStrom();
    for (const headers of [
      modernHeaders('tools/list'),
      [['Content-Type', 'application/json']] as [string, string][],
    ]) {
      const body = `[${modernBody('tools/list')}]`;
      const answer = await server.send({ headers, body });
      expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32600]);
    }
    await server.checkAlive();
  });
});
