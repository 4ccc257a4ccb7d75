import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ToolError } from '../../../src/base/tool-error.ts';
import type { Strom } from '../../../src/serve/strom.ts';
import { RawConnection, rawRequest } from '../../harness/raw-http.ts';
import { startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const run = promisify(execFile);
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const JSON_TYPE: [string, string] = ['Content-Type', 'application/json'];
const accept = (type: string): [string, string] => ['Accept', type];

function withTools(strom: Strom): void {
  strom.tool(
    'work',
    { description: 'Says one of everything', annotations: { readOnlyHint: true } },
    async function* (_, ctx) {
      await ctx.progress(1, 2, 'first');
      await ctx.debug('not shown');
      await ctx.info({ a: 1 });
      yield 'piece';
      return 'result';
    },
  );
  strom.tool('fail', { description: 'Fails for the model' }, () => {
    throw new ToolError('no such file');
  });
  strom.tool('crash', { description: 'Fails' }, () => {
    throw new Error('password=hunter2');
  });
}

describe('a plain stream', () => {
  it.each([
    [
      'text/event-stream',
      'text/event-stream; charset=utf-8',
      'event: progress\ndata: {"progress":1,"total":2,"message":"first"}\n\nevent: log\ndata: {"level":"info","data":{"a":1}}\n\nevent: chunk\ndata: {"value":"piece"}\n\nevent: result\ndata: {"content":[{"type":"text","text":"result"}]}\n\n',
    ],
    [
      'application/x-ndjson',
      'application/x-ndjson; charset=utf-8',
      '{"type":"progress","progress":1,"total":2,"message":"first"}\n{"type":"log","level":"info","data":{"a":1}}\n{"type":"chunk","value":"piece"}\n{"type":"result","content":[{"type":"text","text":"result"}]}\n',
    ],
    ['text/plain', 'text/plain; charset=utf-8', '[1/2] first\ninfo: {"a":1}\npiece\nresult\n'],
  ])('is written as %s when that is accepted', async (type, contentType, body) => {
    await using server = await startStrom(withTools);
    const answer = await server.send({ target: '/stream/work', headers: [accept(type)] });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.body).toBe(body);
  });

  it('is an event stream for whoever takes anything, and 406 for whoever takes none of the forms', async () => {
    await using server = await startStrom(withTools);
    const any = await server.send({ target: '/stream/work', headers: [accept('*/*')] });
    expect(any.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const none = await server.send({ target: '/stream/work', headers: [accept('image/png')] });
    expect(none.status).toBe(406);
  });

  it('takes arguments as a JSON body, or in the query for tools that only read', async () => {
    await using server = await startStrom((strom) => {
      const input = { type: 'object', properties: { text: { type: 'string' } } };
      const annotations = { readOnlyHint: true };
      strom.tool('say', { description: 'Says', input, annotations }, ({ text }) => String(text));
    });
    const text = accept('text/plain');
    const posted = await server.send({
      target: '/stream/say',
      headers: [text, JSON_TYPE],
      body: '{"text":"posted"}',
    });
    expect(posted.body).toBe('posted\n');
    for (const query of [
      'text=got',
      'args=%7B%22text%22%3A%22got%22%7D',
      'text=got&logLevel=debug',
    ]) {
      const got = await server.send({
        method: 'GET',
        target: `/stream/say?${query}`,
        headers: [text],
      });
      expect(got.body).toBe('got\n');
    }
  });

  it('sends log lines from the level on that the query names', async () => {
    await using server = await startStrom(withTools);
    const target = '/stream/work?logLevel=debug';
    const answer = await server.send({ target, headers: [accept('text/plain')] });
    expect(answer.body).toContain('debug: not shown\n');
    const odd = await server.send({ target: '/stream/work?logLevel=loud' });
    expect(odd.status).toBe(400);
  });

  it('tells the model its errors, and nobody any other', async () => {
    await using server = await startStrom(withTools);
    const ndjson = accept('application/x-ndjson');
    const failed = await server.send({ target: '/stream/fail', headers: [ndjson] });
    expect(failed.body).toBe(
      '{"type":"result","content":[{"type":"text","text":"no such file"}],"isError":true}\n',
    );
    const crashed = await server.send({ target: '/stream/crash', headers: [ndjson] });
    expect(crashed.status).toBe(500);
    expect(crashed.body).toMatch(/^\{"type":"error","code":"ERR_INTERNAL","message":"[^"]*"\}\n$/);
    expect(crashed.body).not.toContain('hunter2');
  });

  it.each([
    ['GET', '/stream/echo?text=x', [], '', 405],
    ['PUT', '/stream/echo', [], '', 405],
    ['POST', '/stream/none', [], '', 404],
    ['POST', '/stream/constructor', [], '', 404],
    ['POST', '/stream/echo%2F..', [], '', 404],
    ['POST', '/stream/echo', [['Content-Type', 'text/plain']], '{"text":"x"}', 415],
    ['POST', '/stream/echo', [JSON_TYPE], '[1]', 400],
    ['POST', '/stream/echo', [JSON_TYPE], '{"text":', 400],
    ['POST', '/stream/echo', [JSON_TYPE, ['Content-Encoding', 'gzip']], '{}', 415],
  ] as const)('refuses %s %s %j %s with %d', async (...row) => {
    const [method, target, headers, body, status] = row;
    await using server = await startStrom(withTools);
    expect((await server.send({ method, target, headers, body })).status).toBe(status);
    await server.checkAlive();
  });

  it('can be switched off', async () => {
    await using server = await startStrom(withTools, { run: { plainStreams: false } });
    expect((await server.send({ target: '/stream/work' })).status).toBe(404);
  });

  it('gives each chunk when it is ready, and stops the tool when its reader goes', async () => {
    let goOn = (): void => undefined;
    let stop = (_: unknown): void => undefined;
    const stopped = new Promise((resolve) => {
      stop = resolve;
    });
    await using server = await startStrom((strom) => {
      strom.tool('slow', { description: 'Waits between pieces' }, async function* (_, ctx) {
        ctx.onCleanup(() => stop(ctx.signal.reason?.code));
        for (const piece of ['one', 'two', 'three']) {
          yield piece;
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
        }
      });
    });
    await using connection = await RawConnection.open(server.port);
    connection.write(
      rawRequest(server.port, { target: '/stream/slow', headers: [accept('text/plain')] }),
    );
    await connection.until((text) => text.includes('one\n'));
    expect(connection.pending).not.toContain('two');
    goOn();
    await connection.until((text) => text.includes('two\n'));
    connection.destroy();
    expect(await stopped).toBe('ERR_PEER_GONE');
  });

  it('stays alive with a comment, or an empty line where there are none', async () => {
    const clock = new TestClock();
    await using server = await startStrom(
      (strom) => {
        strom.tool(
          'silent',
          { description: 'Silent' },
          (_, ctx) =>
            new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve('x'))),
        );
      },
      { server: { clock } },
    );
    for (const [type, sign] of [
      ['text/event-stream', ':\n\n'],
      ['application/x-ndjson', '\n'],
      ['text/plain', '\n'],
    ] as const) {
      await using connection = await RawConnection.open(server.port);
      const headers = [accept(type)];
      connection.write(rawRequest(server.port, { target: '/stream/silent', headers }));
      await server.checkAlive();
      clock.advance(15_000);
      const frame = `${sign.length.toString(16)}\r\n${sign}\r\n`;
      await connection.until((text) => text.endsWith(frame));
    }
  });

  it('tells a slow reader how many log lines it missed', async () => {
    const count = 20_000;
    await using server = await startStrom((strom) => {
      strom.tool('flood', { description: 'Logs without waiting' }, (_, ctx) => {
        for (let line = 0; line < count; line += 1) void ctx.info(`${line} ${'x'.repeat(200)}`);
        return 'done';
      });
    });
    for (const type of ['text/event-stream', 'application/x-ndjson', 'text/plain']) {
      const answer = await server.send({ target: '/stream/flood', headers: [accept(type)] });
      const lines = [...answer.body.matchAll(/\d+ x{200}/g)].length;
      const dropped = Number(/(\d+) log lines were dropped/.exec(answer.body)?.[1]);
      expect(lines).toBeLessThan(count);
      expect(lines + dropped).toBe(count);
      expect(answer.body.trimEnd()).toMatch(/done("\}\]\})?$/);
    }
  });

  it.skipIf(!hasCurl)('is readable with curl -N, piece by piece', async () => {
    await using server = await startStrom(withTools);
    const { stdout } = await run('curl', ['-sN', '-X', 'POST', `${server.origin}/stream/work`]);
    expect(stdout).toMatch(/^event: progress\n[\s\S]*event: result\n.*\n\n$/);
    const args = ['-sN', '-H', 'Accept: text/plain', `${server.origin}/stream/work`];
    expect((await run('curl', args)).stdout).toBe('[1/2] first\ninfo: {"a":1}\npiece\nresult\n');
  });

  it.skipIf(!hasCurl)('reaches curl -N before the tool goes on', async () => {
    let goOn = (): void => undefined;
    await using server = await startStrom((strom) => {
      strom.tool('step', { description: 'Waits' }, async (_, ctx) => {
        await ctx.progress(1, 2, 'first');
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        return 'end';
      });
    });
    const curl = spawn('curl', [
      '-sN',
      '-X',
      'POST',
      '-H',
      'Accept: text/plain',
      `${server.origin}/stream/step`,
    ]);
    const [first] = await once(curl.stdout, 'data');
    expect(String(first)).toBe('[1/2] first\n');
    goOn();
    const [second] = await once(curl.stdout, 'data');
    expect(String(second)).toBe('end\n');
    await once(curl, 'exit');
  });
});
