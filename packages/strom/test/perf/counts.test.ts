import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { type CountedServer, startCounted } from './counted-server.ts';

const NOTES = 100;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function registerTools(strom: Strom): void {
  strom.tool('echo', { description: 'Echoes' }, () => 'echo');
  strom.tool('burst', { description: 'Waits for no notification' }, (_, ctx) => {
    for (let done = 1; done <= NOTES; done += 1) void ctx.progress(done, NOTES, `step ${done}`);
    return 'done';
  });
  strom.tool('awaited', { description: 'Waits for each notification' }, async (_, ctx) => {
    for (let done = 1; done <= NOTES; done += 1) await ctx.progress(done, NOTES, `step ${done}`);
    return 'done';
  });
  strom.tool('turns', { description: 'Lets a turn pass after each' }, async (_, ctx) => {
    for (let done = 1; done <= NOTES; done += 1) {
      void ctx.progress(done, NOTES, `step ${done}`);
      await nextTurn();
    }
    return 'done';
  });
}

async function call(server: CountedServer, connection: RawConnection, tool: string) {
  connection.write(rawRequest(server.port, modernCall(tool, {}, { progressToken: 'token' })));
  const before = server.writes;
  const answer = await connection.answer();
  return {
    answer,
    writes: server.writes - before,
    notes: answer.body.split('"method":"notifications/progress"').length - 1,
  };
}

describe('the cost of a call, in counts', () => {
  it('is one write with a length for a result alone', async () => {
    await using server = await startCounted(registerTools);
    await using connection = await RawConnection.open(server.port);
    const { answer, writes } = await call(server, connection, 'echo');
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.body)));
    expect(writes).toBe(1);
  });

  it('is one write over TLS as well', async () => {
    await using server = await startCounted(registerTools, { isEncrypted: true });
    const socket = connectTls({ port: server.port, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    await using connection = RawConnection.over(socket);
    expect((await call(server, connection, 'echo')).writes).toBe(1);
    expect((await call(server, connection, 'echo')).writes).toBe(1);
  });

  it.each(['burst', 'awaited'])(
    'is one write for 100 notifications in one turn: %s',
    async (tool) => {
      await using server = await startCounted(registerTools);
      await using connection = await RawConnection.open(server.port);
      const { answer, writes, notes } = await call(server, connection, tool);
      expect(notes).toBe(NOTES);
      expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.body)));
      expect(writes).toBe(1);
    },
  );

  it('is one write for each turn that has something to say', async () => {
    await using server = await startCounted(registerTools);
    await using connection = await RawConnection.open(server.port);
    const { writes, notes } = await call(server, connection, 'turns');
    expect(notes).toBe(NOTES);
    expect(writes).toBeLessThanOrEqual(NOTES + 1);
    // The head is one more, and what Node makes of the end are five.
    expect(server.pieces).toBeLessThanOrEqual(NOTES + 6);
  });

  it('is one write for all turns within burstWindowMs, after the first', async () => {
    await using server = await startCounted(registerTools, { burstWindowMs: 60_000 });
    await using connection = await RawConnection.open(server.port);
    const { writes, notes } = await call(server, connection, 'turns');
    expect(notes).toBe(NOTES);
    expect(writes).toBeLessThanOrEqual(3);
  });

  it('is a write right after another where several are answered in one turn', async () => {
    const steps: string[] = [];
    await using server = await startCounted((strom) =>
      strom.tool('step', { description: 'Works' }, () => {
        steps.push('work');
        return 'done';
      }),
    );
    await using first = await RawConnection.open(server.port);
    await using second = await RawConnection.open(server.port);
    await using third = await RawConnection.open(server.port);
    const lines = [first, second, third];
    server.onWrite = () => steps.push('write');
    const request = rawRequest(server.port, modernCall('step'));
    for (const line of lines) line.write(request);
    await Promise.all(lines.map((line) => line.answer()));
    // The first leaves at once: who asks alone waits for nobody.
    expect(steps).toEqual(['work', 'write', 'work', 'work', 'write', 'write']);
  });

  it('is no timer that outlives it', async () => {
    const server = await startCounted(registerTools);
    const { clock } = server;
    {
      await using _ = server;
      await using connection = await RawConnection.open(server.port);
      for (const tool of ['echo', 'burst', 'awaited', 'turns'])
        await call(server, connection, tool);
      // The one all calls share, which stops when it finds nothing to wait for, and that of connections.
      expect(clock.pending).toBe(2);
      clock.advance(1000);
      expect(clock.pending).toBe(1);
    }
    expect(clock.pending).toBe(0);
  });

  it('is no listener that outlives it', async () => {
    await using server = await startCounted(registerTools);
    await using connection = await RawConnection.open(server.port);
    for (const tool of ['echo', 'turns']) await call(server, connection, tool);
    const before = server.listeners;
    for (let repeat = 0; repeat < 20; repeat += 1) {
      for (const tool of ['echo', 'burst', 'awaited', 'turns']) {
        await call(server, connection, tool);
      }
    }
    expect(server.listeners).toBe(before);
  });
});
