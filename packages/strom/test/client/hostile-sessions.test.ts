import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import { TestProcess } from '../harness/child-process.ts';
import {
  answer,
  event,
  openStream,
  type RawHandler,
  serveRaw,
  sessionPeer,
  statelessPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { SESSION, STATELESS } from './peers/revisions.ts';
import { serveTask, task } from './peers/task-peer.ts';
import '../faults/support/base-line.ts';

const OPTIONS: ConnectOptions = { era: 'session', connectTimeoutMs: 1_000 };

/** A server with sessions, one method of which is taken by `handle`. */
function peerWith(method: string, handle: RawHandler): RawHandler {
  const well: RawHandler = ({ message }, res) => {
    if (message.id === undefined) res.writeHead(202).end();
    else answer(res, message.id, TEXT_RESULT);
  };
  const peer = sessionPeer(well, SESSION);
  return (request, res) =>
    request.message.method === method ? handle(request, res) : peer(request, res);
}

const stall = (): void => undefined;

/** Sends the head of an answer, and no end of its body. */
function trickle(res: ServerResponse, status: number): void {
  res.writeHead(status);
  const timer = setInterval(() => res.write('x'), 5);
  res.on('close', () => clearInterval(timer));
}

describe('C07: a handshake that does not come to its end', () => {
  it.each<[string, RawHandler]>([
    ['is not taken', stall],
    ['is refused without end', (_, res) => trickle(res, 500)],
  ])('ends in time when `notifications/initialized` %s', async (_, handle) => {
    await using server = await serveRaw(peerWith('notifications/initialized', handle));
    await expect(connect(server.url, OPTIONS)).rejects.toMatchObject({ code: 'ERR_CONNECT' });
  });

  it.each<[string, RawHandler]>([
    ['not answered', stall],
    ['answered as if the session were gone', (_, res) => void res.writeHead(404).end()],
    ['refused without end', (_, res) => trickle(res, 500)],
  ])('goes on without the log level when that is %s', async (_, handle) => {
    const warnings: string[] = [];
    const logger = { ...SILENT_LOGGER, warn: (__: object, text: string) => warnings.push(text) };
    await using server = await serveRaw(peerWith('logging/setLevel', handle));
    await using client = await connect(server.url, { ...OPTIONS, logLevel: 'debug', logger });
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
    expect(new Set(warnings)).toEqual(new Set(['the server did not take the log level']));
  });

  it('leaves no stream open when the session id is malformed', async () => {
    let closed = (): void => undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const handle: RawHandler = (_, res) => {
      res.setHeader('mcp-session-id', 'two words');
      res.on('close', closed);
      openStream(res);
      res.flushHeaders();
    };
    await using server = await serveRaw(peerWith('initialize', handle));
    await expect(connect(server.url, OPTIONS)).rejects.toThrow();
    await isClosed;
  });
});

describe('C07: what a server says of itself and of its work', () => {
  it('is not repeated where it is no date of a revision', async () => {
    const versions = ['\u001b[31m', 'x'.repeat(1_000), 7, '1999-01-01'];
    await using server = await serveRaw(({ message }, res) => {
      answer(res, message.id, { supportedVersions: versions, capabilities: {} });
    });
    const error = await connect(server.url, { era: 'stateless' }).catch((caught: Error) => caught);
    expect(error).toMatchObject({ code: 'ERR_UNSUPPORTED_VERSION' });
    expect(String(error)).toMatch(/ 1999-01-01$/);
  });

  it('is no progress where it is no finite number', async () => {
    const handle: RawHandler = ({ message }, res) => {
      openStream(res);
      const progress = (figures: string): string =>
        `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${message.id},${figures}}}\n\n`;
      res.write(progress('"progress":1e400') + progress('"progress":1,"total":-1e400'));
      res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(peerWith('tools/call', handle));
    await using client = await connect(server.url, OPTIONS);
    const seen: unknown[] = [];
    await client.call('any', {}, { onProgress: (update) => seen.push(update) });
    expect(seen).toEqual([{ kind: 'progress', progress: 1, total: undefined, message: undefined }]);
  });
});

describe('C07: a flood of questions', () => {
  it('that takes no answers gets a bounded number of them', async () => {
    let answers = 0;
    const handle: RawHandler = ({ message }, res) => {
      openStream(res);
      for (let id = 0; id < 5_000; id += 1) res.write(event({ id: `p${id}`, method: 'ping' }));
      res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    const peer = peerWith('tools/call', handle);
    await using server = await serveRaw((request, res) => {
      if (request.message['result'] === undefined) return peer(request, res);
      answers += 1;
      return undefined;
    });
    await using client = await connect(server.url, OPTIONS);
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
    expect(answers).toBeLessThanOrEqual(64);
  });

  it('that are withdrawn at once reaches a handler that does not heed that 16 times', async () => {
    let asked = 0;
    const handle: RawHandler = ({ message }, res) => {
      openStream(res);
      for (let id = 0; id < 500; id += 1) {
        res.write(event({ id, method: 'roots/list' }));
        res.write(event({ method: 'notifications/cancelled', params: { requestId: id } }));
      }
      res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(peerWith('tools/call', handle));
    const roots = () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    };
    await using client = await connect(server.url, { ...OPTIONS, handlers: { roots } });
    await client.call('any');
    expect(asked).toBe(16);
  });

  it('of a task that withdraws each ends with ERR_ROUND_LIMIT', async () => {
    let asked = 0;
    let round = 0;
    const params = { message: 'x', requestedSchema: { type: 'object', properties: {} } };
    const question = { method: 'elicitation/create', params };
    const state = (): object => {
      round += 1;
      const keys = Array.from({ length: 32 }, (_, index) => [`${round}-${index}`, question]);
      return task({
        status: 'input_required',
        pollIntervalMs: 1,
        inputRequests: Object.fromEntries(keys),
      });
    };
    await using server = await serveTask({ states: [state] });
    const elicit = () => {
      asked += 1;
      return new Promise<never>(() => undefined);
    };
    await using client = await connect(server.url, { handlers: { elicit } });
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_ROUND_LIMIT' });
    expect(asked).toBeLessThanOrEqual(1_000);
  });
});

describe('a program that waits for a result and does nothing else', () => {
  const resultOf = async (url: string, era?: string): Promise<unknown> => {
    await using child = new TestProcess('../client/waiting-fixture.ts', era ? [url, era] : [url]);
    const line = await child.line();
    expect([await child.exited, child.stderr]).toEqual([0, '']);
    return JSON.parse(line ?? 'null');
  };

  it('lives until a broken stream is resumed', async () => {
    let id: unknown;
    const calls: RawHandler = ({ message }, res) => {
      id = message.id;
      openStream(res);
      res.end(`retry: 500\n${event({ method: 'notifications/x' }, 'first')}`);
    };
    const peer = peerWith('tools/call', calls);
    await using server = await serveRaw((request, res) => {
      if (request.headers['last-event-id'] === undefined) return peer(request, res);
      openStream(res);
      return void res.end(event({ id, result: TEXT_RESULT }, 'second'));
    });
    expect(await resultOf(server.url, 'session')).toEqual(TEXT_RESULT.content);
  });

  it('lives until a task is asked for again', async () => {
    const result = { ...TEXT_RESULT, isError: false };
    const states = [task({ pollIntervalMs: 500 }), task({ status: 'completed', result })];
    await using server = await serveTask({ states });
    expect(await resultOf(server.url)).toEqual(TEXT_RESULT.content);
  });

  it('lives until a request is repeated', async () => {
    let round = 0;
    const handle: RawHandler = ({ message }, res) => {
      round += 1;
      const again = { resultType: 'input_required', requestState: 'later' };
      answer(res, message.id, round === 1 ? again : { resultType: 'complete', ...TEXT_RESULT });
    };
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    expect(await resultOf(server.url)).toEqual(TEXT_RESULT.content);
  });
});
