import { describe, expect, it } from 'vitest';
import { Disposables } from '../harness/disposables.ts';
import { modernBody, modernCall, modernHeaders, sessionBody } from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { openSession } from './support/session.ts';
import { startVictim } from './support/victim.ts';

const ask = { progressToken: 'p' };
const JSON_TYPE = ['Content-Type', 'application/json'] as const;

/** Sends a request on a connection from which nothing is ever read. */
async function stall(port: number, request: RawRequest): Promise<RawConnection> {
  const connection = await RawConnection.open(port);
  connection.socket.pause();
  connection.write(rawRequest(port, request));
  return connection;
}

describe('S01: a client that never reads, and a tool with a million notes of 200 bytes', () => {
  const NOTES = { count: 1_000_000 };
  const plain = (args: object): RawRequest => ({
    target: '/stream/notes',
    headers: [JSON_TYPE],
    body: JSON.stringify(args),
  });

  it.each<[string, RawRequest]>([
    ['stateless, awaited', modernCall('notes', { ...NOTES, isAwaited: true }, ask)],
    ['stateless, not awaited', modernCall('notes', NOTES, ask)],
    ['plain, awaited', plain({ ...NOTES, isAwaited: true })],
    ['plain, not awaited', plain(NOTES)],
  ])('cost less than 48 MB: %s', async (_, request) => {
    await using server = await startVictim();
    const before = server.startPeak();
    await using _stalled = await stall(server.port, request);
    for (let count = 0; count < 20; count += 1) await server.checkAlive();
    expect(server.process.memoryMb('VmHWM') - before).toBeLessThan(48);
  });

  it.each([true, false])('cost less than 48 MB in a session (awaited: %s)', async (isAwaited) => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-11-25');
    const before = server.startPeak();
    const params = { name: 'notes', arguments: { ...NOTES, isAwaited }, _meta: ask };
    await using _stalled = await stall(server.port, {
      headers: [JSON_TYPE, ['Mcp-Session-Id', peer.sessionId]],
      body: sessionBody('tools/call', params),
    });
    for (let count = 0; count < 20; count += 1) await server.checkAlive();
    expect(await peer.ping()).toBe(200);
    expect(server.process.memoryMb('VmHWM') - before).toBeLessThan(48);
  });

  it('is told the result after all, once it reads', async () => {
    await using server = await startVictim();
    const request = modernCall('notes', { count: 200_000 }, ask);
    await using stalled = await stall(server.port, request);
    for (let count = 0; count < 5; count += 1) await server.checkAlive();
    stalled.socket.resume();
    const { body } = await stalled.answer();
    const events = body.split('\n\n').filter((event) => event !== '');
    const steps = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)).params.progress);
    expect(events.at(-1)).toContain('200000 notes');
    expect(steps.at(-1)).toBe(200_000);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(steps.length).toBeLessThan(200_000);
  });
});

describe('S02: many readers that stall while changes are told to all', () => {
  const READERS = 100;
  const CHANGES = 1_500;
  /** Less than what the readers together do not take. */
  const MAX_HEAP_MB = 128;
  /** Long, so that the buffers of the sockets fill soon. */
  const URI = `test://${'x'.repeat(4096)}`;

  it('cost a bounded amount of memory each, and hold up nobody', async () => {
    await using server = await startVictim({ maxHeapMb: MAX_HEAP_MB });
    await using stack = new Disposables();
    for (let count = 0; count < READERS; count += 1) {
      if (count % 2 === 0) {
        const notifications = { resourceSubscriptions: [URI] };
        stack.use(
          await stall(server.port, {
            headers: modernHeaders('subscriptions/listen'),
            body: modernBody('subscriptions/listen', { notifications }),
          }),
        );
      } else {
        const peer = stack.use(await openSession(server, '2025-06-18'));
        await (await peer.post(sessionBody('resources/subscribe', { uri: URI }))).text();
        stack.use(
          await stall(server.port, {
            method: 'GET',
            headers: [
              ['Accept', 'text/event-stream'],
              ['Mcp-Session-Id', peer.sessionId],
            ],
          }),
        );
      }
    }
    const before = server.startPeak();
    await server.send(modernCall('broadcast', { count: CHANGES, uri: URI }));
    await server.checkAlive();
    expect(server.process.memoryMb('VmHWM') - before).toBeLessThan(MAX_HEAP_MB);
  });
});

describe('S03: a reader that goes while the tool waits for it', () => {
  const MUCH = { count: 50_000, isAwaited: true };

  it('releases the tool, in a session as well, where the call goes on', async () => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-11-25');
    const stalled = await stall(server.port, {
      headers: [JSON_TYPE, ['Mcp-Session-Id', peer.sessionId]],
      body: sessionBody('tools/call', { name: 'notes', arguments: MUCH, _meta: ask }),
    });
    expect(await peer.ping()).toBe(200);
    stalled.destroy();
    await expect.poll(() => server.noted('notes'), { timeout: 10_000 }).toBe(1);
    const again = new SseReader(await peer.listen('1-0'));
    expect((await again.rest()).at(-1)?.data).toContain('50000 notes');
    await server.checkAlive();
  });

  it('is cut off when it takes nothing for the configured time, and its call ends', async () => {
    await using server = await startVictim({ run: { stallTimeoutMs: 200 } });
    await using _stalled = await stall(server.port, modernCall('flood', {}, ask));
    const stopped = () => server.noted<string>('stopped');
    await expect.poll(stopped, { timeout: 10_000 }).toBe('ERR_PEER_GONE');
    await server.checkAlive();
  });
});

describe('S05: clients that take their time', () => {
  const LIMITS = { headersTimeoutMs: 300, requestTimeoutMs: 500 };

  it('with their headers are answered 408 and cut off', async () => {
    await using server = await startVictim({ run: LIMITS });
    await using connection = await RawConnection.open(server.port);
    connection.write('POST /mcp HTTP/1.1\r\nHost: x\r\nX-A');
    expect((await connection.answer()).status).toBe(408);
    await connection.closed();
    await server.checkAlive();
  });

  it('with the first byte are cut off', async () => {
    await using server = await startVictim({ run: LIMITS });
    await using connection = await RawConnection.open(server.port);
    await connection.closed();
    await server.checkAlive();
  });

  it('with their body, byte for byte, are cut off, and nothing runs', async () => {
    await using server = await startVictim({ run: LIMITS });
    await using connection = await RawConnection.open(server.port);
    const bytes = rawRequest(server.port, modernCall('tick'));
    connection.write(bytes.subarray(0, -100));
    const timer = setInterval(() => connection.write(' '), 50);
    await connection.closed();
    clearInterval(timer);
    expect(await server.noted('tick')).toBe(0);
    await server.checkAlive();
  });

  it('are five thousand, with half a request each, and others are served meanwhile', async () => {
    await using server = await startVictim();
    await using stack = new Disposables();
    for (let count = 0; count < 5000; count += 1) {
      const connection = await RawConnection.open(server.port);
      connection.write('POST /mcp HTTP/1.1\r\nHost: x\r\n');
      stack.use(connection);
    }
    const startedMs = performance.now();
    await server.checkAlive();
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it('do not disturb a stream that runs longer than any request may take to arrive', async () => {
    await using server = await startVictim({ run: LIMITS });
    await using connection = await RawConnection.open(server.port);
    connection.write(rawRequest(server.port, modernCall('long', {}, ask)));
    await connection.until((text) => text.includes('"progress":1'));
    // Another client is timed out meanwhile, which takes longer than the limit.
    await using slow = await RawConnection.open(server.port);
    slow.write('POST /mcp HTTP/1.1\r\n');
    await slow.closed();
    await server.letGo();
    expect((await connection.answer()).body).toContain('done');
  });
});

describe('S07: connections that break anywhere', () => {
  const withSteps = {
    name: 'count',
    arguments: { to: 20 },
  };

  it('in the request, at any byte, run nothing that was not whole', async () => {
    await using server = await startVictim();
    const bytes = rawRequest(server.port, modernCall('tick'));
    for (let cut = 0; cut < 200; cut += 1) {
      const connection = await RawConnection.open(server.port);
      connection.write(bytes.subarray(0, Math.floor((bytes.length * cut) / 200)));
      if (cut % 3 === 0) connection.socket.resetAndDestroy();
      else if (cut % 3 === 1) connection.destroy();
      else connection.socket.end();
      await connection.closed();
    }
    await server.checkAlive();
    expect(await server.noted('tick')).toBe(0);
    expect(await server.logs('error')).toEqual([]);
  });

  it('in the answer, at any byte, leave nothing behind', async () => {
    await using server = await startVictim();
    const request = rawRequest(server.port, {
      headers: modernHeaders('tools/call', 'count'),
      body: modernBody('tools/call', { ...withSteps, _meta: ask }),
    });
    const cutAt = async (bytes: number): Promise<void> => {
      await using connection = await RawConnection.open(server.port);
      connection.write(request);
      await connection.until((text) => text.length >= bytes);
      if (bytes % 2 === 0) connection.socket.resetAndDestroy();
      else connection.destroy();
    };
    for (let round = 0; round < 2; round += 1) {
      for (let cut = 0; cut < 30; cut += 1) await cutAt(cut * 80);
    }
    for (let round = 0; round < 20; round += 1) {
      for (let cut = 0; cut < 30; cut += 1) await cutAt(cut * 80);
    }
  });
});
