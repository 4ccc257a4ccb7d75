import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import type { Change } from '../../src/protocol/call-event.ts';
import { ManualClock } from './manual-clock.ts';
import {
  answer,
  event,
  openStream,
  type RawHandler,
  refuse,
  serveRaw,
  sessionPeer,
  statelessPeer,
} from './peers/raw-http.ts';
import { SESSION, STATELESS } from './peers/revisions.ts';
import { createStrom } from './peers/strom-server.ts';

const meta = (id: unknown) => ({ 'io.modelcontextprotocol/subscriptionId': id });

const acknowledgment = (id: unknown, notifications: object): string =>
  event({
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: meta(id), notifications },
  });

const updated = (id: unknown, uri: string): string =>
  event({ method: 'notifications/resources/updated', params: { _meta: meta(id), uri } });

/** Gives the streams that clients open, one after the other, to the test. */
function listeners(): {
  handle: RawHandler;
  next: () => Promise<{ res: ServerResponse; id: unknown }>;
} {
  const opened: { res: ServerResponse; id: unknown }[] = [];
  let announce = (): void => undefined;
  return {
    handle({ message }, res) {
      openStream(res);
      res.flushHeaders();
      opened.push({ res, id: message.id });
      announce();
    },
    async next() {
      while (opened.length === 0) {
        await new Promise<void>((resolve) => {
          announce = resolve;
        });
      }
      return opened.shift() ?? Promise.reject(new Error('unreachable'));
    },
  };
}

/** Collects changes; `until` settles when there are that many. */
function changes() {
  const seen: Change[] = [];
  let announce = (): void => undefined;
  return {
    seen,
    onChange(change: Change) {
      seen.push(change);
      announce();
    },
    async until(count: number) {
      while (seen.length < count) {
        await new Promise<void>((resolve) => {
          announce = resolve;
        });
      }
    },
  };
}

describe('a subscription without a session', () => {
  it('tells of what the server agreed to, until it is closed', async () => {
    const { handle, next } = listeners();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url);
    const { seen, onChange, until } = changes();
    const opening = client.subscribe({ toolsListChanged: true, resources: ['a:b'] }, onChange);
    const { res, id } = await next();
    res.write(acknowledgment(id, { resourceSubscriptions: ['a:b'] }));
    const subscription = await opening;
    expect(subscription.granted).toMatchObject({ toolsListChanged: false, resources: ['a:b'] });
    expect(server.requests.at(-1)?.message.params).toMatchObject({
      notifications: { toolsListChanged: true, resourceSubscriptions: ['a:b'] },
    });
    res.write(updated(999, 'foreign:1') + updated(id, 'a:b'));
    await until(1);
    expect(seen).toEqual([{ topic: 'resource', uri: 'a:b' }]);
    const closed = new Promise((resolve) => res.once('close', resolve));
    await subscription.close();
    await closed;
    expect(await subscription.ended).toEqual({ reason: 'closed' });
  });

  it('goes on when the program fails to take in what it is told', async () => {
    const { handle, next } = listeners();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url);
    const { seen, onChange, until } = changes();
    const opening = client.subscribe({ resources: ['a:b'] }, (change) => {
      onChange(change);
      throw new Error('a mistake');
    });
    const { res, id } = await next();
    res.write(acknowledgment(id, { resourceSubscriptions: ['a:b'] }));
    await using _subscription = await opening;
    res.write(updated(id, 'a:b') + updated(id, 'a:b/c'));
    await until(2);
    expect(seen).toHaveLength(2);
  });

  it('is opened again when the connection drops, and tells what it may have missed', async () => {
    const { handle, next } = listeners();
    const clock = new ManualClock();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url, { clock });
    const { seen, onChange, until } = changes();
    const opening = client.subscribe({ toolsListChanged: true }, onChange);
    const first = await next();
    first.res.write(acknowledgment(first.id, { toolsListChanged: true }));
    await using subscription = await opening;
    first.res.socket?.destroy();
    await clock.whenTimer((delayMs) => delayMs >= 500 && delayMs <= 1_000);
    clock.advance(1_000);
    const second = await next();
    expect(second.id).not.toBe(first.id);
    second.res.write(acknowledgment(second.id, { toolsListChanged: true }));
    await until(1);
    expect(seen).toEqual([{ topic: 'tools' }]);
    await subscription.close();
  });

  it('is over when the server ends it in good order', async () => {
    const { handle, next } = listeners();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url);
    const opening = client.subscribe({ toolsListChanged: true }, () => undefined);
    const { res, id } = await next();
    res.write(acknowledgment(id, { toolsListChanged: true }));
    const subscription = await opening;
    res.end(event({ id, result: { resultType: 'complete', _meta: meta(id) } }));
    expect(await subscription.ended).toEqual({ reason: 'server' });
  });

  it('that is refused fails', async () => {
    const handle: RawHandler = ({ message }, res) =>
      refuse(res, 404, { id: message.id, error: { code: -32601, message: 'Method not found' } });
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url);
    const opening = client.subscribe({ toolsListChanged: true }, () => undefined);
    await expect(opening).rejects.toMatchObject({ code: -32601 });
  });

  it('that is never acknowledged fails', async () => {
    const { handle, next } = listeners();
    const clock = new ManualClock();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    await using client = await connect(server.url, { clock, connectTimeoutMs: 5_000 });
    const opening = client.subscribe({ toolsListChanged: true }, () => undefined);
    await next();
    await clock.whenTimer((delayMs) => delayMs === 5_000);
    clock.advance(5_000);
    await expect(opening).rejects.toMatchObject({ code: 'ERR_IDLE_TIMEOUT' });
  });

  it('ends with its client', async () => {
    const { handle, next } = listeners();
    await using server = await serveRaw(statelessPeer(handle, STATELESS));
    const client = await connect(server.url);
    const opening = client.subscribe({ toolsListChanged: true }, () => undefined);
    const { res, id } = await next();
    res.write(acknowledgment(id, { toolsListChanged: true }));
    const subscription = await opening;
    await client.close();
    expect(await subscription.ended).toEqual({ reason: 'closed' });
  });
});

describe('subscriptions of our own server', () => {
  it.each(['stateless', 'session'] as const)('work in the %s era', async (era) => {
    const strom = createStrom();
    await using client = await connect(strom, { era });
    const { seen, onChange, until } = changes();
    await using subscription = await client.subscribe({ toolsListChanged: true }, onChange);
    strom.tool('late', { description: 'Late' }, () => 'late');
    await until(1);
    expect(seen).toEqual([{ topic: 'tools' }]);
    expect((await client.listTools()).map(({ name }) => name)).toContain('late');
    await subscription.close();
  });
});

describe('a subscription in a session', () => {
  const sessionServer = () => {
    const handle: RawHandler = ({ message }, res) => answer(res, message.id, {});
    const peer = sessionPeer(handle, SESSION);
    return serveRaw((request, res) => {
      if (request.message.method !== 'initialize') return peer(request, res);
      res.setHeader('mcp-session-id', 's');
      return answer(res, request.message.id, {
        protocolVersion: SESSION,
        capabilities: { resources: { subscribe: true } },
        serverInfo: { name: 'raw', version: '1' },
      });
    });
  };

  it('asks once for a resource, however many want it', async () => {
    await using server = await sessionServer();
    await using client = await connect(server.url, { era: 'session' });
    const first = await client.subscribe({ resources: ['a:b'] }, () => undefined);
    const second = await client.subscribe({ resources: ['a:b', 'a:b'] }, () => undefined);
    await first.close();
    await second.close();
    await second.close();
    const methods = server.requests.map(({ message }) => message.method);
    expect(methods.filter((method) => method === 'resources/subscribe')).toHaveLength(1);
    expect(methods.filter((method) => method === 'resources/unsubscribe')).toHaveLength(1);
    expect(methods.at(-1)).toBe('resources/unsubscribe');
  });

  it('is made again on the session that replaces a lost one', async () => {
    const channels: { receive: (text: string) => void; close: () => void }[] = [];
    const target = {
      connectLocal(receive: (text: string) => void) {
        let close = (): void => undefined;
        const closed = new Promise<void>((resolve) => {
          close = resolve;
        });
        const send = (text: string): void => {
          const { id, method } = JSON.parse(text) as { id?: number; method: string };
          const capabilities = { resources: { subscribe: true } };
          const serverInfo = { name: 'local', version: '1' };
          const result =
            method === 'initialize' ? { protocolVersion: SESSION, capabilities, serverInfo } : {};
          if (id === undefined) return;
          queueMicrotask(() => receive(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`));
        };
        channels.push({ receive, close });
        return { send, close, closed };
      },
    };
    const clock = new ManualClock();
    await using client = await connect(target, { era: 'session', clock });
    const { seen, onChange, until } = changes();
    await using subscription = await client.subscribe({ resources: ['a:b'] }, onChange);
    channels[0]?.close();
    await clock.whenTimer((delayMs) => delayMs >= 250 && delayMs <= 500);
    clock.advance(500);
    await until(1);
    channels[1]?.receive(
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b/part"}}\n',
    );
    await until(2);
    expect(seen).toEqual([
      { topic: 'resource', uri: 'a:b' },
      { topic: 'resource', uri: 'a:b/part' },
    ]);
    await subscription.close();
  });

  it('grants nothing that the server does not offer', async () => {
    await using server = await sessionServer();
    await using client = await connect(server.url, { era: 'session' });
    await using subscription = await client.subscribe({ toolsListChanged: true }, () => undefined);
    expect(subscription.granted).toMatchObject({ toolsListChanged: false });
  });
});
