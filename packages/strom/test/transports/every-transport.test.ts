import { expect, it } from 'vitest';
import { LOG_LEVELS } from '../../src/base/log-level.ts';
import { describeTransports } from '../harness/describe-transports.ts';
import { MODERN } from '../harness/mcp-request.ts';
import type { Exchange, Fields } from '../harness/peers/peer.ts';

const LEADING =
  '"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"fixture","version":"1.0.0"}}';

/** The exact text of an answer in the words of a revision. */
function answerText(revision: string, exchange: Exchange, members: string): string {
  const all = revision === MODERN ? [LEADING, members].join(',') : members;
  return `{"jsonrpc":"2.0","id":${exchange.id},"result":{${all}}}`;
}

function progressText(exchange: Exchange, rest: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"${exchange.token}","progress":${rest}}}`;
}

function logText(level: string): string {
  return `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"${level}","logger":"talker","data":{"level":"${level}"}}}`;
}

/** Reports enough to be more than may wait for a reader who is behind. */
const MANY = 12_000;

/** The numbers of the reports among messages, in the order in which they came. */
function progressIn(messages: readonly string[]): number[] {
  return messages.flatMap((text) => {
    const { method, params } = JSON.parse(text) as { method?: string; params?: Fields };
    return method === 'notifications/progress' ? [Number(params?.['progress'])] : [];
  });
}

const call = (name: string, args: Fields = {}): Fields => ({ name, arguments: args });

describeTransports('tools', (peer, { revision }) => {
  it('are listed', async () => {
    const { result } = await (await peer().request('tools/list')).answer();
    const names = ['hello', 'count', 'talk', 'pieces', 'sum', 'refuse', 'crash', 'flood', 'print'];
    expect(result?.['tools']).toMatchObject(
      [...names, 'wait', 'stick', 'why'].map((name) => ({ name })),
    );
  });

  it('answer a call that says nothing with one message', async () => {
    const exchange = await peer().request('tools/call', call('hello'));
    expect(await exchange.all()).toEqual([
      answerText(revision, exchange, '"content":[{"type":"text","text":"héllo 世界"}]'),
    ]);
  });

  it('report progress before the result, each step with the token of its call', async () => {
    const exchange = await peer().request('tools/call', call('count', { to: 3 }));
    const words = (step: number) => (revision === '2024-11-05' ? '' : `,"message":"step ${step}"`);
    const steps = [1, 2, 3].map((step) =>
      progressText(exchange, `${step},"total":3${words(step)}`),
    );
    expect(await exchange.all()).toEqual([
      ...steps,
      answerText(revision, exchange, '"content":[{"type":"text","text":"counted to 3"}]'),
    ]);
  });

  it('keep the progress of calls that run side by side apart', async () => {
    const exchanges = await Promise.all(
      [4, 2, 3].map((to) => peer().request('tools/call', call('count', { to }))),
    );
    for (const exchange of exchanges) {
      const messages = await exchange.all();
      const foreign = messages.slice(0, -1).filter((text) => !text.includes(exchange.token));
      expect(foreign).toEqual([]);
    }
    const counts = await Promise.all(exchanges.map(async (each) => (await each.all()).length));
    expect(counts).toEqual([5, 3, 4]);
  });

  it('report no progress to a caller that did not ask', async () => {
    const options = { wantsProgress: false };
    const exchange = await peer().request('tools/call', call('count', { to: 3 }), options);
    expect(await exchange.all()).toHaveLength(1);
  });

  it('send log lines from the level on that the client has set', async () => {
    for (const level of ['debug', 'error', 'emergency'] as const) {
      await peer().setLogLevel(level);
      const exchange = await peer().request('tools/call', call('talk'));
      const wanted = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
      expect(await exchange.all()).toEqual([
        ...wanted.map(logText),
        answerText(revision, exchange, '"content":[{"type":"text","text":"said"}]'),
      ]);
    }
  });

  it('stream chunks as progress, and all of them in the result', async () => {
    const exchange = await peer().request('tools/call', call('pieces'));
    const messages = (await exchange.all()).map((text) => JSON.parse(text));
    expect(messages.slice(0, -1).map(({ params }) => params.progress)).toEqual([1, 2, 3]);
    expect(messages.at(-1).result.content).toEqual([{ type: 'text', text: 'one two three' }]);
  });

  it('return structured data beside its text', async () => {
    const exchange = await peer().request('tools/call', call('sum'));
    const members =
      '"content":[{"type":"text","text":"{\\"sum\\":3}"}],"structuredContent":{"sum":3}';
    expect(await exchange.all()).toEqual([answerText(revision, exchange, members)]);
  });

  it('tell the model of their own errors and nobody of any other', async () => {
    const refused = await peer().request('tools/call', call('refuse'));
    const members = '"content":[{"type":"text","text":"there is no such file"}],"isError":true';
    expect(await refused.all()).toEqual([answerText(revision, refused, members)]);
    const crashed = await (await peer().request('tools/call', call('crash'))).answer();
    expect(crashed).toMatchObject({ error: { code: -32603 } });
    expect(JSON.stringify(crashed)).not.toContain('hunter2');
  });

  it('refuse what is not there, and arguments that do not fit', async () => {
    const unknown = await (await peer().request('tools/call', call('constructor'))).answer();
    expect(unknown).toMatchObject({ error: { code: -32602 } });
    const invalid = await (await peer().request('tools/call', call('count', { to: 'x' }))).answer();
    expect(invalid.result).toMatchObject({ isError: true });
    const method = await (await peer().request('no/such/method')).answer();
    expect(method).toMatchObject({ error: { code: -32601 } });
  });

  it('give a caller who reads each report that was awaited, also beyond the bound of what waits', async () => {
    const exchange = await peer().request('tools/call', call('count', { to: MANY }));
    const reports = progressIn(await exchange.all());
    expect(reports).toEqual(Array.from({ length: MANY }, (_, index) => index + 1));
  });

  it('give the newest of the reports that were not awaited, and say how many log lines they left out', async () => {
    await peer().setLogLevel('info');
    const exchange = await peer().request('tools/call', call('flood', { to: MANY }));
    const messages = await exchange.all();
    const reports = progressIn(messages);
    expect(reports.at(-1)).toBe(MANY);
    expect(reports).toEqual([...new Set(reports)].sort((one, other) => one - other));
    const lines = messages.filter((text) => /"line \d+ x/.test(text)).length;
    const dropped = messages.map((text) =>
      Number(/(\d+) log lines were dropped/.exec(text)?.[1] ?? 0),
    );
    expect(dropped.reduce((sum, each) => sum + each, lines)).toBe(MANY);
    expect(messages.at(-1)).toContain('flooded');
  });

  it('stop when they are cancelled and say nothing more', async () => {
    const exchange = await peer().request('tools/call', call('wait'));
    const first = await exchange.next();
    expect(first).toBe(progressText(exchange, '1'));
    await peer().cancel(exchange);
    const { result } = await (await peer().request('tools/call', call('why'))).answer();
    expect(JSON.stringify(result)).toMatch(/ERR_CANCELLED|ERR_PEER_GONE/);
    expect(await exchange.all()).toEqual([first]);
  });
});

describeTransports('resources, prompts and completion', (peer, { revision }) => {
  it('are listed', async () => {
    const ask = async (method: string, key: string) => {
      const { result } = await (await peer().request(method)).answer();
      return result?.[key];
    };
    expect(await ask('resources/list', 'resources')).toEqual([
      { uri: 'test://text', name: 'text', mimeType: 'text/plain' },
      { uri: 'test://bytes', name: 'bytes' },
    ]);
    expect(await ask('resources/templates/list', 'resourceTemplates')).toEqual([
      { uriTemplate: 'test://item/{id}', name: 'item' },
    ]);
    expect(await ask('prompts/list', 'prompts')).toEqual([
      {
        name: 'review',
        description: 'Asks for a review',
        arguments: [{ name: 'code', required: true }],
      },
    ]);
  });

  it('read texts, bytes and members of a template', async () => {
    const read = async (uri: string) => {
      const { result } = await (await peer().request('resources/read', { uri })).answer();
      return result?.['contents'];
    };
    expect(await read('test://text')).toEqual([
      { uri: 'test://text', mimeType: 'text/plain', text: 'as text' },
    ]);
    expect(await read('test://bytes')).toEqual([{ uri: 'test://bytes', blob: 'AP8=' }]);
    expect(await read('test://item/7')).toEqual([{ uri: 'test://item/7', text: 'item 7' }]);
  });

  it('say of an unknown resource that it is unknown, in the code of the revision', async () => {
    const code = revision === MODERN ? -32602 : -32002;
    for (const uri of ['test://nothing', 'test://item/none', 'test://item/..']) {
      const answer = await (await peer().request('resources/read', { uri })).answer();
      expect(answer).toMatchObject({ error: { code, data: { uri } } });
    }
  });

  it('get a prompt', async () => {
    const params = { name: 'review', arguments: { code: 'x=1' } };
    const { result } = await (await peer().request('prompts/get', params)).answer();
    expect(result).toMatchObject({
      description: 'Asks for a review',
      messages: [{ role: 'user', content: { type: 'text', text: 'Review x=1' } }],
    });
  });

  it('complete an argument', async () => {
    const params = {
      ref: { type: 'ref/resource', uri: 'test://item/{id}' },
      argument: { name: 'id', value: 'a' },
    };
    const { result } = await (await peer().request('completion/complete', params)).answer();
    expect(result).toMatchObject({
      completion: { values: ['a1', 'a2'], total: 2, hasMore: false },
    });
  });
});
