import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { ManualClock } from './manual-clock.ts';
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

const progress = (progressToken: unknown, step: number, message?: string): string =>
  event({ method: 'notifications/progress', params: { progressToken, progress: step, message } });

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Sends progress as fast as it is taken. */
function endlessTool(sent: { bytes: number }): RawHandler {
  const filler = 'x'.repeat(16_384);
  return ({ message }, res) => {
    openStream(res);
    let step = 0;
    const pour = (): void => {
      let hasRoom = true;
      while (hasRoom && !res.destroyed) {
        step += 1;
        const text = progress(message.id, step, filler);
        sent.bytes += text.length;
        hasRoom = res.write(text);
      }
    };
    res.on('drain', pour);
    pour();
  };
}

/** Waits until all buffers on the way are full. */
async function standstill(sent: { readonly bytes: number }): Promise<void> {
  for (let before = -1; before !== sent.bytes; ) {
    before = sent.bytes;
    for (let turns = 0; turns < 200; turns += 1) await tick();
  }
}

describe('the time limits of a call', () => {
  it('start anew with every message', async () => {
    const clock = new ManualClock();
    let step = (): void => undefined;
    const tool: RawHandler = ({ message }, res) => {
      let steps = 0;
      openStream(res);
      step = () => {
        steps += 1;
        if (steps < 4) res.write(progress(message.id, steps));
        else res.end(event({ id: message.id, result: TEXT_RESULT }));
      };
      step();
    };
    await using server = await serveRaw(statelessPeer(tool, STATELESS));
    await using client = await connect(server.url, { clock, idleTimeoutMs: 1_000 });
    const seen: number[] = [];
    for await (const item of client.stream('any')) {
      if (item.kind !== 'progress') continue;
      seen.push(item.progress);
      clock.advance(900);
      step();
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('end a call that is silent, and tell the server', async () => {
    const clock = new ManualClock();
    let closed: Promise<void> | undefined;
    const tool: RawHandler = (_request, res) => {
      closed = new Promise((resolve) => res.once('close', resolve));
      openStream(res);
      res.flushHeaders();
    };
    await using server = await serveRaw(statelessPeer(tool, STATELESS));
    await using client = await connect(server.url, { clock, idleTimeoutMs: 1_000 });
    const call = client.call('any');
    await clock.whenTimer((delayMs) => delayMs === 1_000);
    while (server.requests.length < 2) await tick();
    clock.advance(1_000);
    await expect(call).rejects.toMatchObject({ code: 'ERR_IDLE_TIMEOUT' });
    await closed;
    expect(clock.delays).toEqual([]);
  });

  it('do not count the time the caller takes', async () => {
    const clock = new ManualClock();
    const tool: RawHandler = ({ message }, res) => {
      openStream(res);
      res.end(progress(message.id, 1) + event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(statelessPeer(tool, STATELESS));
    await using client = await connect(server.url, { clock, idleTimeoutMs: 1_000 });
    const kinds: string[] = [];
    for await (const { kind } of client.stream('any')) {
      kinds.push(kind);
      clock.advance(100_000);
    }
    expect(kinds).toEqual(['progress', 'result']);
  });

  it('do not count the time a person takes to answer', async () => {
    const clock = new ManualClock();
    let finish = (): void => undefined;
    const tool: RawHandler = ({ message }, res) => {
      if (message.method === 'tools/call') {
        openStream(res);
        res.write(event({ id: 'q', method: 'roots/list' }));
        finish = () => res.end(event({ id: message.id, result: TEXT_RESULT }));
        return;
      }
      res.writeHead(202).end();
      finish();
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    const roots = async () => {
      for (let minutes = 0; minutes < 10; minutes += 1) {
        await tick();
        clock.advance(60_000);
      }
      return [];
    };
    await using client = await connect(server.url, {
      clock,
      handlers: { roots },
      idleTimeoutMs: 1_000,
    });
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
  });

  it('can be changed for one call', async () => {
    const clock = new ManualClock();
    await using server = await serveRaw(statelessPeer(() => undefined, STATELESS));
    await using client = await connect(server.url, { clock });
    const call = client.call('any', {}, { idleTimeoutMs: Infinity, totalTimeoutMs: 5_000 });
    await clock.whenTimer((delayMs) => delayMs === 5_000);
    expect(clock.delays).toEqual([5_000]);
    clock.advance(5_000);
    await expect(call).rejects.toMatchObject({ code: 'ERR_TOTAL_TIMEOUT' });
  });

  it.each([0, -1, Number.NaN])('may not be %d', async (idleTimeoutMs) => {
    await using server = await serveRaw(statelessPeer(() => undefined, STATELESS));
    await expect(connect(server.url, { idleTimeoutMs })).rejects.toThrow(TypeError);
  });
});

describe('a call', () => {
  it('that was aborted before it began is never sent', async () => {
    await using server = await serveRaw(statelessPeer(() => undefined, STATELESS));
    await using client = await connect(server.url);
    const call = client.call('any', {}, { signal: AbortSignal.abort('no') });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED', cause: 'no' });
    expect(server.requests).toHaveLength(1);
  });

  it('whose callback throws ends with that error, and is cancelled', async () => {
    let closed: Promise<void> | undefined;
    const tool: RawHandler = ({ message }, res) => {
      closed = new Promise((resolve) => res.once('close', resolve));
      openStream(res);
      res.write(progress(message.id, 1));
    };
    await using server = await serveRaw(statelessPeer(tool, STATELESS));
    await using client = await connect(server.url);
    const onProgress = (): void => {
      throw new RangeError('mine');
    };
    await expect(client.call('any', {}, { onProgress })).rejects.toThrow(RangeError);
    await closed;
  });

  it('is cancelled in a session by a notification', async () => {
    const controller = new AbortController();
    let cancelled: Promise<void> = Promise.resolve();
    let announce = (): void => undefined;
    const tool: RawHandler = ({ message }, res) => {
      if (message.method !== 'tools/call') {
        announce();
        return void res.writeHead(202).end();
      }
      openStream(res);
      return res.write(progress(message.id, 1));
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    await using client = await connect(server.url, { era: 'session' });
    cancelled = new Promise((resolve) => {
      announce = resolve;
    });
    const { signal } = controller;
    const call = client.call('any', {}, { signal, onProgress: () => controller.abort() });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await cancelled;
    const id = server.requests.find(({ message }) => message.method === 'tools/call')?.message.id;
    expect(server.requests.at(-1)?.message).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: id },
    });
  });

  it('of an endless stream slows the server down while nobody reads', async () => {
    const sent = { bytes: 0 };
    await using server = await serveRaw(statelessPeer(endlessTool(sent), STATELESS));
    await using client = await connect(server.url);
    let last = 0;
    for await (const item of client.stream('any')) {
      if (item.kind !== 'progress') continue;
      expect(item.progress).toBe(last + 1);
      last = item.progress;
      if (last === 10) {
        await standstill(sent);
        expect(sent.bytes).toBeLessThan(16 * 1024 * 1024);
      }
      if (last === 2_000) break;
    }
    expect(last).toBe(2_000);
  });

  it('carries everything a server needs to answer without memory', async () => {
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => answer(res, message.id, TEXT_RESULT), STATELESS),
    );
    const clientInfo = { name: 'me', version: '9' };
    const handlers = { roots: () => [] };
    await using client = await connect(server.url, { clientInfo, handlers });
    await client.call('any', { a: 1 }, { logLevel: 'warning' });
    const { message, headers } = server.requests[1] ?? {};
    expect(message?.params).toEqual({
      name: 'any',
      arguments: { a: 1 },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': STATELESS,
        'io.modelcontextprotocol/clientInfo': clientInfo,
        'io.modelcontextprotocol/clientCapabilities': {
          roots: {},
          extensions: { 'io.modelcontextprotocol/tasks': {} },
        },
        'io.modelcontextprotocol/logLevel': 'warning',
        progressToken: message?.id,
      },
    });
    expect(headers).toMatchObject({
      'mcp-protocol-version': STATELESS,
      'mcp-method': 'tools/call',
      'mcp-name': 'any',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    });
  });

  it('asks for logs only if somebody listens', async () => {
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => answer(res, message.id, TEXT_RESULT), STATELESS),
    );
    await using client = await connect(server.url);
    await client.call('any');
    await client.call('any', {}, { onLog: () => undefined });
    await client.setLogLevel('error');
    await client.call('any');
    const levels = server.requests.slice(1).map(({ message }) => {
      const meta = message.params?.['_meta'] as Record<string, unknown>;
      return meta['io.modelcontextprotocol/logLevel'];
    });
    expect(levels).toEqual([undefined, 'info', 'error']);
  });

  it('shows every message to the connection too, told apart by kind', async () => {
    const tool: RawHandler = ({ message }, res) => {
      if (message.method !== 'tools/call') return void res.writeHead(202).end();
      openStream(res);
      res.write(event({ id: 7, method: 'ping' }));
      res.write(event({ method: 'notifications/message', params: { level: 'info', data: 'x' } }));
      return res.end(event({ id: message.id, result: TEXT_RESULT }));
    };
    await using server = await serveRaw(sessionPeer(tool, SESSION));
    const seen: string[] = [];
    await using client = await connect(server.url, {
      era: 'session',
      onMessage: ({ kind }) => seen.push(kind),
      onNotification: ({ method }) => seen.push(method),
      onLog: ({ data }) => seen.push(String(data)),
    });
    await client.call('any');
    expect(seen).toEqual([
      'response',
      'request',
      'notification',
      'x',
      'notifications/message',
      'response',
    ]);
  });

  it('is not harmed by a callback of the connection that throws', async () => {
    await using server = await serveRaw(
      statelessPeer(({ message }, res) => answer(res, message.id, TEXT_RESULT), STATELESS),
    );
    const onMessage = (): void => {
      throw new Error('mine');
    };
    await using client = await connect(server.url, { onMessage });
    expect(await client.call('any')).toMatchObject(TEXT_RESULT);
  });
});

describe('one signal for many calls', () => {
  it('ends them all, and makes the host suspect no leak', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    await using server = await serveRaw(statelessPeer(() => undefined, STATELESS));
    await using client = await connect(server.url);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 30 }, () => client.call('any', {}, { signal }));
    const ended = Promise.allSettled(calls);
    while (server.requests.length < 31) await tick();
    controller.abort();
    for (const call of await ended) {
      expect(call).toMatchObject({ reason: { code: 'ERR_CANCELLED' } });
    }
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});
