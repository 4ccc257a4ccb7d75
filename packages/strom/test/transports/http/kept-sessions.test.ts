import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../../src/auth/keys/api-keys.ts';
import type { Strom } from '../../../src/serve/strom.ts';
import type { Store } from '../../../src/server/store.ts';
import { memoryStore } from '../../../src/stores/memory/memory-store.ts';
import { BODY_HEADERS, initializeBody, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { type StartOptions, startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const SESSION = '2025-11-25';
const IDLE_MS = 30 * 60_000;
const LEASE_MS = 10_000;

function configure(strom: Strom): void {
  strom.resource('memo://one', { name: 'one' }, () => 'text');
  strom.tool('chatter', { description: 'Says something at two levels' }, (_, ctx) => {
    void ctx.debug('quiet');
    void ctx.error('loud');
    return 'said';
  });
}

function start(store: Store, { server, run }: StartOptions = {}) {
  return startStrom(configure, { server: { store, ...server }, ...(run && { run }) });
}

/** A client that can be sent to another server. */
function doorTo(url: string, headers: Record<string, string> = {}) {
  return {
    url,
    headers,
    fetch(target: string, init: RequestInit) {
      return fetch(target, { ...init, headers: { ...init.headers, ...this.headers } });
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const CHATTER = sessionBody('tools/call', { name: 'chatter' });
const codeOf = async (answer: Response) => ({ status: answer.status, body: await answer.text() });

describe('a session in a store', () => {
  it('goes on in the next process: log level, subscriptions, changes of lists', async () => {
    await using store = memoryStore();
    const first = await start(store);
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    await peer.setLogLevel('error');
    await (await peer.request('resources/subscribe', { uri: 'memo://one' })).answer();
    const stream = new SseReader(await peer.listen());
    const opening = await stream.next();
    await first.running.drain();
    await stream.rest();

    await using second = await start(store);
    door.url = second.url;
    expect(await peer.ping()).toBe(200);
    second.strom.notify.resourceUpdated('memo://one');
    second.strom.tool('added', { description: 'Late' }, () => 'x');
    const resumed = new SseReader(await peer.listen(opening?.id));
    expect(await resumed.data()).toContain('"uri":"memo://one"');
    expect(await resumed.data()).toContain('tools/list_changed');
    const said = await (await peer.post(CHATTER)).text();
    expect(said).toContain('loud');
    expect(said).not.toContain('quiet');
    await resumed.cancel();
  });

  it('loses nothing of its own stream between one process and the next', async () => {
    await using store = memoryStore();
    const first = await start(store);
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    const stream = new SseReader(await peer.listen());
    const opening = await stream.next();
    await stream.cancel();
    first.strom.tool('one', { description: 'Late' }, () => 'x');
    await first.running.drain();
    const second = await start(store);
    door.url = second.url;
    await peer.ping();
    second.strom.tool('two', { description: 'Late' }, () => 'x');
    await second.running.drain();
    await using third = await start(store);
    door.url = third.url;
    const resumed = new SseReader(await peer.listen(opening?.id));
    const before = [await resumed.next(), await resumed.next()];
    third.strom.tool('three', { description: 'Late' }, () => 'x');
    const ids = [...before, await resumed.next()].map((event) => event?.id);
    expect(new Set(ids).size).toBe(3);
    await resumed.cancel();
    const again = new SseReader(await peer.listen(ids[0]));
    expect([(await again.next())?.id, (await again.next())?.id]).toEqual(ids.slice(1));
    await again.cancel();
  });

  it('answers a call that its process did not live to answer', async () => {
    await using store = memoryStore();
    const clock = new TestClock();
    await using first = await start(store, { server: { clock } });
    let finish = (): void => undefined;
    first.strom.tool('slow', { description: 'Waits' }, async (_, ctx) => {
      await ctx.progress(1, 2);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await ctx.progress(2, 2);
      return 'too late';
    });
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    const call = sessionBody('tools/call', { name: 'slow', _meta: { progressToken: 1 } }, 'the-id');
    const stream = new SseReader(await peer.post(call));
    await stream.data();

    // For the second process the first gives no sign of life any more.
    const later = new TestClock(clock.now() + LEASE_MS);
    await using second = await start(store, { server: { clock: later } });
    door.url = second.url;
    for (const lastEventId of ['1-0', '1-1', '1-7']) {
      const events = await new SseReader(await peer.listen(lastEventId)).rest();
      const messages = events.map(({ data }) => JSON.parse(data));
      expect(messages).toHaveLength(lastEventId === '1-0' ? 2 : 1);
      expect(messages.at(-1)).toMatchObject({
        id: 'the-id',
        error: { data: { code: 'ERR_INTERRUPTED', retryable: true } },
      });
      const after = await new SseReader(await peer.listen(events.at(-1)?.id)).rest();
      expect(after).toEqual([]);
    }
    // The first was only slow. What it says now reaches nobody, and it finds out.
    finish();
    door.url = first.url;
    await stream.rest();
    expect((await peer.listen('1-1')).status).toBe(503);
    door.url = second.url;
    const events = await new SseReader(await peer.listen('1-1')).rest();
    expect(events).toHaveLength(1);
    expect(events[0]?.data).toContain('ERR_INTERRUPTED');
  });

  it('goes on after a pause of its process if nobody has taken it over meanwhile', async () => {
    const clock = new TestClock();
    await using store = memoryStore({ clock });
    await using first = await start(store, { server: { clock } });
    const door = doorTo(first.url);
    await using kept = await HttpPeer.connect(SESSION, door);
    await using taken = await HttpPeer.connect(SESSION, door);
    await kept.setLogLevel('error');
    const later = new TestClock(clock.now() + LEASE_MS);
    await using second = await start(store, { server: { clock: later } });
    door.url = second.url;
    expect(await taken.ping()).toBe(200);
    clock.advance(LEASE_MS);
    door.url = first.url;
    expect(await kept.ping()).toBe(200);
    expect(await (await kept.post(CHATTER)).text()).not.toContain('quiet');
    expect(await taken.ping()).toBe(503);
    door.url = second.url;
    expect(await taken.ping()).toBe(200);
    expect(await kept.ping()).toBe(503);
  });

  it('is refused while another process holds it, and only to its owner', async () => {
    const [alice, bob] = [createApiKey({ name: 'alice' }), createApiKey({ name: 'bob' })];
    const run = { auth: [apiKeys({ keys: [alice.record, bob.record] })] };
    await using store = memoryStore();
    await using first = await start(store, { run });
    await using second = await start(store, { run });
    const door = doorTo(first.url, { 'x-api-key': alice.key });
    await using peer = await HttpPeer.connect(SESSION, door);
    door.url = second.url;
    const refused = await peer.post(CHATTER);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    await refused.text();

    const unknown = peer.sessionId.replace(/./g, (char) => (char === '0' ? '1' : '0'));
    door.headers['x-api-key'] = bob.key;
    const foreign = await codeOf(await peer.post(CHATTER));
    door.headers['mcp-session-id'] = unknown;
    const none = await codeOf(await peer.post(CHATTER));
    expect(foreign).toEqual(none);
    expect(foreign.status).toBe(404);

    delete door.headers['mcp-session-id'];
    door.headers['x-api-key'] = alice.key;
    await first.running.drain();
    expect(await peer.ping()).toBe(200);
  });

  it('is taken over by one process, however many try', async () => {
    await using store = memoryStore();
    const first = await start(store);
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    await first.running.drain();
    await using second = await start(store);
    await using third = await start(store);
    const statuses = await Promise.all(
      [second, third, second, third].map(async ({ url }) => {
        door.url = url;
        return peer.ping();
      }),
    );
    expect([...statuses].sort()).toEqual([200, 200, 503, 503]);
    expect(statuses[0]).toBe(statuses[2]);
  });

  it('ends when it is deleted, for every process', async () => {
    await using store = memoryStore();
    const first = await start(store);
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    await first.running.drain();
    await using second = await start(store);
    door.url = second.url;
    expect((await peer.terminate()).status).toBe(204);
    expect(await peer.ping()).toBe(404);
    expect(await store.session(peer.sessionId)).toBeUndefined();
  });

  it('expires when nobody uses it, whether a process lives or not', async () => {
    const clock = new TestClock();
    await using store = memoryStore({ clock });
    const first = await start(store, { server: { clock } });
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    clock.advance(IDLE_MS - 1);
    expect(await peer.ping()).toBe(200);
    await first.running.drain();
    clock.advance(IDLE_MS - 1);
    const second = await start(store, { server: { clock } });
    door.url = second.url;
    expect(await peer.ping()).toBe(200);
    await second.running.drain();
    clock.advance(IDLE_MS);
    await using third = await start(store, { server: { clock } });
    door.url = third.url;
    expect(await peer.ping()).toBe(404);
  });

  it('refuses the answer to a question of a process that is gone', async () => {
    await using store = memoryStore();
    const first = await start(store);
    const door = doorTo(first.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    await first.running.drain();
    await using second = await start(store);
    door.url = second.url;
    const answer = { jsonrpc: '2.0', id: 'ask-1', result: { action: 'accept', content: {} } };
    expect((await peer.post(JSON.stringify(answer))).status).toBe(400);
    expect(await peer.ping()).toBe(200);
  });

  it('is answered 503 while the store fails, and nothing else suffers', async () => {
    const store = memoryStore();
    const clock = new TestClock();
    await using server = await start(store, { server: { clock } });
    const door = doorTo(server.url);
    await using peer = await HttpPeer.connect(SESSION, door);
    await store.close();
    expect(await peer.ping()).toBe(200);
    const refused = await server.send({ headers: BODY_HEADERS, body: initializeBody(SESSION) });
    expect(refused.status).toBe(503);
    expect(refused.headers.has('mcp-session-id')).toBe(false);
    door.headers['mcp-session-id'] = '0'.repeat(48);
    expect(await peer.ping()).toBe(503);
    delete door.headers['mcp-session-id'];
    expect(await (await peer.post(CHATTER)).text()).toContain('said');
    clock.advance(LEASE_MS);
    expect(await peer.ping()).toBe(503);
    await server.checkAlive();
  });
});
