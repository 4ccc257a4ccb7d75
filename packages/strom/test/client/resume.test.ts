import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import type { StreamEvent } from '../../src/client/stream-event.ts';
import { ManualClock } from './manual-clock.ts';
import {
  answer,
  event,
  openStream,
  type RawHandler,
  type RawRequest,
  refuse,
  serveRaw,
  sessionPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { SESSION } from './peers/revisions.ts';

const progress = (id: unknown, step: number): object => ({
  method: 'notifications/progress',
  params: { progressToken: id, progress: step },
});

/** Cuts the connection the way a crash does: no end, no last chunk. */
function cut(res: ServerResponse): void {
  res.socket?.destroy();
}

/** A tool whose stream of ten events breaks after each of the given texts; resumes by event id. */
function breakingTool(breakAfter: readonly string[]): RawHandler & { resumedFrom: string[] } {
  const breaks = [...breakAfter];
  const resumedFrom: string[] = [];
  let callId: unknown;
  const frames = (): string[] => {
    const steps = Array.from({ length: 9 }, (_, step) =>
      event(progress(callId, step + 1), `e${step + 1}`),
    );
    return [
      'id: e0\nretry: 5\ndata:\n\n',
      ...steps,
      event({ id: callId, result: TEXT_RESULT }, 'e10'),
    ];
  };
  const handle: RawHandler = ({ method, message, headers }, res) => {
    if (method === 'POST') callId = message.id;
    const lastId = headers['last-event-id'];
    if (lastId !== undefined) resumedFrom.push(String(lastId));
    const rest = frames().slice(lastId === undefined ? 0 : Number(String(lastId).slice(1)) + 1);
    const text = rest.join('');
    openStream(res);
    const stop = breaks.shift();
    const at = stop === undefined ? -1 : text.indexOf(stop);
    if (at === -1) return void res.end(text);
    res.write(text.slice(0, at), () => setImmediate(() => cut(res)));
    return undefined;
  };
  return Object.assign(handle, { resumedFrom });
}

async function collect(events: AsyncIterable<StreamEvent>): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const item of events) seen.push(item.kind === 'progress' ? item.progress : item.kind);
  return seen;
}

const EVERYTHING = [1, 2, 3, 4, 5, 6, 7, 8, 9, 'result'];

describe('a stream that breaks', () => {
  it.each([
    ['before its first event', ['id: e1\n'], ['e0']],
    ['between two events', ['id: e4\n'], ['e3']],
    ['in the middle of an id', ['e5\ndata'], ['e4']],
    [
      'after an id, before its data',
      [
        `data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,"progress":6}}`,
      ],
      [],
    ],
    ['in the middle of the data', ['ress":7}'], ['e6']],
    ['before the blank line of an event', ['\n\nid: e9'], ['e7']],
    ['in the middle of the result', ['done'], ['e9']],
    ['three times', ['id: e2\n', 'id: e5\n', 'id: e9\n'], ['e1', 'e4', 'e8']],
  ])('%s is continued without loss or repetition', async (_name, breakAfter, resumedFrom) => {
    const tool = breakingTool(breakAfter);
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session' });
    expect(await collect(client.stream('any'))).toEqual(EVERYTHING);
    if (resumedFrom.length > 0) expect(tool.resumedFrom).toEqual(resumedFrom);
  });

  it('is continued in its session', async () => {
    await using server = await serveRaw(sessionPeer(breakingTool(['id: e4\n']), SESSION));
    await using client = await connect(server.url, { era: 'session' });
    await collect(client.stream('any'));
    const resume = server.requests.find(({ headers }) => headers['last-event-id'] !== undefined);
    expect(resume).toMatchObject({
      method: 'GET',
      headers: { 'mcp-session-id': 'session-1', 'mcp-protocol-version': SESSION },
    });
  });

  it('gives no event twice even if the server repeats the last one', async () => {
    await using server = await serveRaw(
      sessionPeer(({ method, message }, res) => {
        openStream(res);
        if (method === 'POST') {
          res.write(`retry: 5\n${event(progress(message.id, 1), 'a')}`, () =>
            setImmediate(() => cut(res)),
          );
          return;
        }
        res.end(event(progress(2, 1), 'a') + event({ id: 2, result: TEXT_RESULT }, 'b'));
      }, SESSION),
    );
    await using client = await connect(server.url, { era: 'session' });
    expect(await collect(client.stream('any'))).toEqual([1, 'result']);
  });

  it('is lost where its place has a name that no header carries', async () => {
    const name = 'x'.repeat(500_000);
    await using server = await serveRaw(
      sessionPeer((_request, res) => {
        openStream(res);
        res.end(`retry: 1\nid: ${name}\ndata:\n\n`);
      }, SESSION),
    );
    await using client = await connect(server.url, { era: 'session' });
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  it('is not touched before the time the server asked for', async () => {
    const clock = new ManualClock();
    const tool: RawHandler = ({ method }, res) => {
      openStream(res);
      if (method === 'POST') res.end('id: a\nretry: 7000\ndata:\n\n');
      else res.end(event({ id: 2, result: TEXT_RESULT }, 'b'));
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session', clock });
    const call = client.call('any');
    await clock.whenTimer((delayMs) => delayMs >= 7_000 && delayMs < 8_000);
    clock.advance(6_999);
    expect(server.requests.at(-1)?.method).toBe('POST');
    clock.advance(1_000);
    expect(await call).toMatchObject(TEXT_RESULT);
  });

  it('is lost where the server cannot continue it', async () => {
    const tool: RawHandler = ({ method }, res) => {
      if (method === 'GET') return void res.writeHead(405).end();
      openStream(res);
      res.end('id: a\nretry: 1\ndata:\n\n');
      return undefined;
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session' });
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  it('is lost where it has no event ids', async () => {
    const tool: RawHandler = ({ message }, res) => {
      if (message.method === 'notifications/cancelled') return void res.writeHead(202).end();
      openStream(res);
      res.end(event(progress(message.id, 1)));
      return undefined;
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session' });
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  it('is given up after a number of failures', async () => {
    const clock = new ManualClock();
    const tool: RawHandler = ({ method }, res) => {
      if (method === 'GET') return void res.writeHead(503).end();
      openStream(res);
      res.end('id: a\nretry: 1\ndata:\n\n');
      return undefined;
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, {
      era: 'session',
      clock,
      idleTimeoutMs: Infinity,
    });
    const call = client.call('any', {}, { totalTimeoutMs: Infinity }).catch((error) => error.code);
    let isOver = false;
    void call.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await Promise.race([call, clock.whenTimer((delayMs) => delayMs < 10_000)]);
      clock.advance(10_000);
    }
    expect(await call).toBe('ERR_PEER_GONE');
    expect(server.requests.filter(({ headers }) => headers['last-event-id'] === 'a')).toHaveLength(
      5,
    );
  });

  it('can still be cancelled while it waits', async () => {
    const controller = new AbortController();
    const tool: RawHandler = ({ message }, res) => {
      if (message.method === 'notifications/cancelled') return void res.writeHead(202).end();
      openStream(res);
      res.end('id: a\nretry: 60000\ndata:\n\n', () => controller.abort());
      return undefined;
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session' });
    const call = client.call('any', {}, { signal: controller.signal });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });
});

describe('a session that the server forgot', () => {
  /** Knows only the newest session; answers tool calls of that one. */
  const forgetful = (): { handle: RawHandler; forget: () => void } => {
    let valid = 'session-1';
    const handle = sessionPeer(({ headers, message }, res) => {
      if (headers['mcp-session-id'] !== valid) {
        return refuse(res, 404, { error: { code: -32001, message: 'Session not found' } });
      }
      return answer(res, message.id, TEXT_RESULT);
    }, SESSION);
    return {
      handle,
      forget() {
        valid = 'session-2';
      },
    };
  };

  it('is replaced, and the request is repeated', async () => {
    const { handle, forget } = forgetful();
    await using server = await serveRaw(handle);
    await using client = await connect(server.url, { era: 'session' });
    await client.call('any');
    forget();
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
    const handshake = server.requests.filter(({ message }) => message.method === 'initialize')[1];
    expect(handshake?.headers['mcp-session-id']).toBeUndefined();
  });

  it('is replaced once for many calls', async () => {
    const { handle, forget } = forgetful();
    await using server = await serveRaw(handle);
    await using client = await connect(server.url, { era: 'session' });
    forget();
    await Promise.all([1, 2, 3, 4].map(() => client.call('any')));
    const opened = server.requests.filter(({ message }) => message.method === 'initialize');
    expect(opened).toHaveLength(2);
  });

  it('is replaced once per call, not for ever', async () => {
    await using server = await serveRaw(
      sessionPeer((_request, res) => refuse(res, 404, {}), SESSION),
    );
    await using client = await connect(server.url, { era: 'session' });
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_SESSION_UNKNOWN' });
    const calls = server.requests.filter(
      ({ message }: RawRequest) => message.method === 'tools/call',
    );
    expect(calls).toHaveLength(2);
  });

  it('is not confused with a method the server lacks', async () => {
    await using server = await serveRaw(
      sessionPeer(({ message }, res) => {
        refuse(res, 404, { id: message.id, error: { code: -32601, message: 'Method not found' } });
      }, SESSION),
    );
    await using client = await connect(server.url, { era: 'session' });
    await expect(client.call('any')).rejects.toMatchObject({ code: -32601 });
  });
});

describe('closing a session', () => {
  it('tells the server', async () => {
    await using server = await serveRaw(sessionPeer(() => undefined, SESSION));
    const client = await connect(server.url, { era: 'session' });
    await client.close();
    expect(server.requests.at(-1)).toMatchObject({
      method: 'DELETE',
      headers: { 'mcp-session-id': 'session-1' },
    });
  });

  it('ends the calls that still run', async () => {
    await using server = await serveRaw(sessionPeer(() => undefined, SESSION));
    const client = await connect(server.url, { era: 'session' });
    const call = client.call('any');
    await Promise.all([expect(call).rejects.toMatchObject({ code: 'ERR_CLOSED' }), client.close()]);
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });
});
