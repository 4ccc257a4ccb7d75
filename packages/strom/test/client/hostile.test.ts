import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import type { Client } from '../../src/client/client.ts';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import {
  answer,
  event,
  openStream,
  type RawHandler,
  refuse,
  serveRaw,
  sessionPeer,
  statelessPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { SESSION, STATELESS } from './peers/revisions.ts';
import '../faults/support/base-line.ts';

/** Runs `test` with a client whose server answers every tool call with `tool`. */
async function withTool(
  tool: (res: ServerResponse, id: unknown) => unknown,
  test: (client: Client, warnings: readonly string[]) => Promise<unknown>,
  options: ConnectOptions = {},
): Promise<void> {
  const warnings: string[] = [];
  const logger = {
    ...SILENT_LOGGER,
    warn: (_: object, message: string) => void warnings.push(message),
  };
  const handle: RawHandler = ({ message }, res) => tool(res, message.id);
  await using server = await serveRaw(statelessPeer(handle, STATELESS));
  await using client = await connect(server.url, { logger, ...options });
  await test(client, warnings);
}

const failsWith = (code: string | number) => async (client: Client) =>
  expect(client.call('any')).rejects.toMatchObject({ code });

describe('C07: answers a peer should not give', () => {
  it('to somebody else: dropped, and the right one taken', async () => {
    await withTool(
      (res, id) => {
        openStream(res);
        res.write(event({ id: 999, result: { content: [] } }));
        res.write(event({ id: String(id), result: { content: [] } }));
        res.end(event({ id, result: TEXT_RESULT }));
      },
      async (client, warnings) => {
        expect(await client.call('any')).toMatchObject(TEXT_RESULT);
        expect(warnings).toHaveLength(2);
      },
    );
  });

  it('twice: the first one counts', async () => {
    await withTool(
      (res, id) => {
        openStream(res);
        res.end(event({ id, result: TEXT_RESULT }) + event({ id, result: { content: [] } }));
      },
      async (client) => {
        expect(await client.call('any')).toMatchObject(TEXT_RESULT);
        expect(await client.call('any')).toMatchObject(TEXT_RESULT);
      },
    );
  });

  it('with progress for a foreign token: dropped', async () => {
    await withTool(
      (res, id) => {
        openStream(res);
        for (const progressToken of [999, String(id), null, '__proto__']) {
          res.write(
            event({ method: 'notifications/progress', params: { progressToken, progress: 1 } }),
          );
        }
        res.end(event({ id, result: TEXT_RESULT }));
      },
      async (client, warnings) => {
        const seen: unknown[] = [];
        await client.call('any', {}, { onProgress: (update) => seen.push(update) });
        expect(seen).toEqual([]);
        expect(warnings).toHaveLength(4);
      },
    );
  });

  it.each([
    [
      'an error with id null',
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"x"}}',
      -32603,
    ],
    ['an error without id', '{"jsonrpc":"2.0","error":{"code":-32603,"message":"x"}}', -32603],
    ['no JSON', 'hello', 'ERR_PROTOCOL'],
    ['nothing', '', 'ERR_PROTOCOL'],
    ['a number', '42', 'ERR_PROTOCOL'],
    ['a result that is no object', '{"jsonrpc":"2.0","id":2,"result":[]}', 'ERR_PROTOCOL'],
    ['a result and an error', '{"jsonrpc":"2.0","id":2,"result":{},"error":{}}', 'ERR_PROTOCOL'],
    [
      'an error whose message is no text',
      '{"jsonrpc":"2.0","id":2,"error":{"code":-32603,"message":{"toString":1}}}',
      -32603,
    ],
    ['a key twice', '{"jsonrpc":"2.0","id":2,"id":3,"result":{}}', 'ERR_PROTOCOL'],
    ['nesting without end', '['.repeat(100_000), 'ERR_PROTOCOL'],
  ])('as %s: one clear error', async (_name, body, code) => {
    await withTool((res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(body);
    }, failsWith(code));
  });

  it.each([
    ['in HTML with a 200', 200, 'ERR_PROTOCOL'],
    ['in HTML with a 502', 502, 'ERR_HTTP_STATUS'],
  ])('%s: an error that does not repeat the page', async (_name, status, code) => {
    await withTool(
      (res) => {
        res.writeHead(status, { 'content-type': 'text/html' });
        res.end(`<html><script>alert('x')</script>${'x'.repeat(100_000)}</html>`);
      },
      async (client) => {
        const error = await client.call('any').catch((caught: Error) => caught);
        expect(error).toMatchObject({ code });
        expect(String(error)).not.toContain('script');
      },
    );
  });

  it('as an endless error page: read to a bound', async () => {
    await withTool((res) => {
      res.writeHead(502, { 'content-type': 'text/plain' });
      const pour = (): void => {
        while (res.writable && res.write('x'.repeat(65_536)));
      };
      res.on('drain', pour);
      pour();
    }, failsWith('ERR_HTTP_STATUS'));
  });

  it('with control characters in a status text: shown as blanks', async () => {
    await withTool(
      (res) => void res.writeHead(418, { 'content-type': 'text/plain' }).end('a\u001b[31m\r\nb'),
      async (client) => {
        const error = await client.call('any').catch((caught: Error) => caught);
        expect(String(error)).toContain('HTTP 418: a [31m b');
      },
    );
  });

  it('with an error of the protocol: passed on', async () => {
    await withTool((res, id) => {
      refuse(res, 400, { id, error: { code: -32602, message: 'Unknown tool', data: { a: 1 } } });
    }, failsWith(-32602));
  });

  it('of an unknown kind: refused', async () => {
    await withTool((res, id) => answer(res, id, { resultType: 'task' }), failsWith('ERR_PROTOCOL'));
  });

  it.each([['text'], [[null]], [['text']], [[[]]]])(
    'with content that is no list of blocks, %j: refused',
    async (content) => {
      await withTool((res, id) => answer(res, id, { content }), failsWith('ERR_PROTOCOL'));
    },
  );

  it.each<[string, Record<string, string>]>([
    ['cut off', { 'content-length': '1000' }],
    ['in another coding than it says', { 'content-encoding': 'gzip' }],
  ])('%s: an answer that is lost', async (_, headers) => {
    await withTool((res) => {
      res.writeHead(200, { 'content-type': 'application/json', ...headers });
      res.write('{"jsonrpc":"2.0",', () => res.destroy());
    }, failsWith('ERR_PEER_GONE'));
  });

  it('with `__proto__` in it: plain data', async () => {
    await withTool(
      (res, id) => {
        res.writeHead(200, { 'content-type': 'application/json' });
        res.end(`{"jsonrpc":"2.0","id":${id},"result":{"content":[],"__proto__":{"polluted":1}}}`);
      },
      async (client) => {
        await client.call('any');
        expect(({} as { polluted?: number }).polluted).toBeUndefined();
      },
    );
  });
});

describe('C07: streams a peer should not send', () => {
  const pourInto = (res: ServerResponse, text: string): void => {
    openStream(res);
    const pour = (): void => {
      while (res.writable && res.write(text));
    };
    res.on('drain', pour);
    pour();
  };

  it('an endless line: refused at the bound', async () => {
    const options = { maxMessageChars: 1_000_000 };
    await withTool(
      (res) => pourInto(res, 'x'.repeat(65_536)),
      failsWith('ERR_FRAME_TOO_LARGE'),
      options,
    );
  });

  it('an endless event of empty lines of data: refused at the bound', async () => {
    const options = { maxMessageChars: 1_000_000 };
    await withTool(
      (res) => pourInto(res, 'data:\n'.repeat(8_192)),
      failsWith('ERR_FRAME_TOO_LARGE'),
      options,
    );
  });

  it('a JSON body without end: refused at the bound', async () => {
    await withTool(
      (res) => {
        res.writeHead(200, { 'content-type': 'application/json' });
        const pour = (): void => {
          while (res.writable && res.write(' '.repeat(65_536)));
        };
        res.on('drain', pour);
        pour();
      },
      failsWith('ERR_FRAME_TOO_LARGE'),
      { maxMessageChars: 1_000_000 },
    );
  });

  it('nothing but comments: silence', async () => {
    await withTool(
      (res) => {
        openStream(res);
        const timer = setInterval(() => res.write(':\n\n'), 5);
        res.on('close', () => clearInterval(timer));
      },
      failsWith('ERR_IDLE_TIMEOUT'),
      { idleTimeoutMs: 100 },
    );
  });

  it('progress without end: stopped by the total', async () => {
    await withTool(
      (res, progressToken) => {
        openStream(res);
        let progress = 0;
        const timer = setInterval(() => {
          progress += 1;
          res.write(
            event({ method: 'notifications/progress', params: { progressToken, progress } }),
          );
        }, 5);
        res.on('close', () => clearInterval(timer));
      },
      failsWith('ERR_TOTAL_TIMEOUT'),
      { idleTimeoutMs: 100, totalTimeoutMs: 300 },
    );
  });

  it('requests in a revision that has none: never answered', async () => {
    const posted: unknown[] = [];
    const handle: RawHandler = ({ message }, res) => {
      posted.push(message.method);
      openStream(res);
      res.write(event({ id: 1, method: 'elicitation/create', params: {} }));
      res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    const elicit = () => ({ action: 'accept' as const });
    await using client = await connect(server.url, { handlers: { elicit } });
    await client.call('any');
    await client.call('any');
    expect(posted).toEqual(['tools/call', 'tools/call']);
  });

  it('a stream that ends without an answer: an error that says so', async () => {
    await withTool((res) => {
      openStream(res);
      res.end();
    }, failsWith('ERR_PEER_GONE'));
  });
});

describe('C07: questions a peer should not ask', () => {
  const asking = (questions: readonly object[], answers: object[]): RawHandler => {
    let finish = (): void => undefined;
    return ({ message }, res) => {
      if (message.method === 'tools/call') {
        openStream(res);
        for (const question of questions) res.write(event(question));
        finish = () => res.end(event({ id: message.id, result: TEXT_RESULT }));
        return;
      }
      answers.push(message);
      res.writeHead(202).end();
      if (answers.length === questions.length) finish();
    };
  };

  it.each([
    ['a ping', { method: 'ping' }, { result: {} }],
    ['an unknown method', { method: 'x/y' }, { error: { code: -32601 } }],
    ['a question nobody here answers', { method: 'roots/list' }, { error: { code: -32601 } }],
    [
      'a form without a schema',
      { method: 'elicitation/create', params: { message: 'x' } },
      { error: { code: -32602 } },
    ],
    [
      'a page to run',
      {
        method: 'elicitation/create',
        params: { mode: 'url', message: 'x', url: 'javascript:alert(1)' },
      },
      { error: { code: -32602 } },
    ],
    [
      'a question whose handler fails',
      { method: 'sampling/createMessage', params: { messages: [] } },
      { error: { code: -32603, message: 'The client could not answer.' } },
    ],
  ])('%s: answered with what is true', async (_name, question, expected) => {
    const answers: object[] = [];
    const handle = asking([{ id: 'q1', ...question }], answers);
    await using server = await serveRaw(sessionPeer(handle, SESSION));
    await using client = await connect(server.url, {
      handlers: {
        elicit: () => ({ action: 'decline' }),
        elicitUrl: () => ({ action: 'accept' }),
        sample: () => {
          throw new Error('a secret of this machine');
        },
      },
    });
    await client.call('any');
    expect(answers).toMatchObject([{ id: 'q1', ...expected }]);
    expect(JSON.stringify(answers)).not.toContain('secret');
  });

  it('too many at once: the rest is refused', async () => {
    const answers: { error?: object }[] = [];
    const questions = Array.from({ length: 40 }, (_, id) => ({ id, method: 'roots/list' }));
    const handle = asking(questions, answers);
    await using server = await serveRaw(sessionPeer(handle, SESSION));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const roots = async () => {
      await held;
      return [];
    };
    await using client = await connect(server.url, { handlers: { roots } });
    const call = client.call('any', {}, { onMessage: () => release() });
    await call;
    expect(answers.filter(({ error }) => error === undefined).length).toBeLessThanOrEqual(16);
    expect(answers).toHaveLength(40);
  });
});

describe('C07: a peer that is no HTTP server', () => {
  it.each(['garbage\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{'])(
    'fails clearly (%j)',
    async (text) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        // Whoever reads nothing does not see that the other side has gone.
        socket.resume().end(text);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      await expect(connect(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
        code: 'ERR_CONNECT',
      });
      server.close();
    },
  );
});
