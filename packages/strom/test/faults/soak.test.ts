/**
 * Mixed traffic for a while, of clients that come, go and vanish. `STROM_SOAK_MS` makes it longer:
 * 1 800 000 for half an hour.
 */
import { describe, expect, it } from 'vitest';
import {
  BODY_HEADERS,
  initializeBody,
  modernBody,
  modernCall,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { openSession } from './support/session.ts';
import { startVictim, type Victim } from './support/victim.ts';

const SOAK_MS = Number(process.env['STROM_SOAK_MS'] ?? 15_000);
const SAMPLES = 5;
const MAX_GROWTH = 1.2;
const NOTES = { count: 1000, isAwaited: true };

const listen: RawRequest = {
  headers: modernHeaders('subscriptions/listen'),
  body: modernBody('subscriptions/listen', { notifications: { resourcesListChanged: true } }),
};
const plainStream: RawRequest = {
  target: '/stream/notes',
  headers: BODY_HEADERS,
  body: JSON.stringify({ count: 100, isAwaited: true }),
};

/** Begins a request and is gone before its answer is there, in one of two ways. */
async function vanish(server: Victim, request: RawRequest, isReset: boolean): Promise<void> {
  await using connection = await RawConnection.open(server.port);
  connection.write(rawRequest(server.port, request));
  await connection.until((text) => text.length > 0);
  if (isReset) connection.socket.resetAndDestroy();
}

async function converse(server: Victim, revision: string): Promise<void> {
  await using peer = await openSession(server, revision);
  const params = { name: 'tell', arguments: { canary: 'x' }, _meta: { progressToken: 'p' } };
  expect(await (await peer.post(sessionBody('tools/call', params))).text()).toContain('"result"');
  expect(await peer.ping()).toBe(200);
}

async function converseOverSse(server: Victim): Promise<void> {
  const reader = new SseReader(await fetch(`${server.origin}/sse`));
  const { data: target } = (await reader.next()) ?? { data: '' };
  const post = (body: string) => server.send({ target, headers: BODY_HEADERS, body });
  expect((await post(initializeBody('2024-11-05'))).status).toBe(202);
  await reader.data();
  expect((await post(sessionBody('tools/call', { name: 'tick' }))).status).toBe(202);
  await reader.data();
  await reader.cancel();
}

/** What clients do, each again and again. */
const CLIENTS: readonly ((server: Victim, round: number) => Promise<unknown>)[] = [
  (server) => server.checkAlive(),
  (server) => server.send(modernCall('notes', { count: 200 }, { progressToken: 'p' })),
  (server) => server.send(plainStream),
  (server) => server.send(modernCall('throws')),
  (server) => server.send(modernCall('broadcast')),
  (server, round) =>
    vanish(server, modernCall('notes', NOTES, { progressToken: 'p' }), round % 2 === 0),
  (server, round) => vanish(server, listen, round % 2 === 0),
  (server, round) => converse(server, round % 2 === 0 ? '2025-11-25' : '2025-03-26'),
  (server) => converseOverSse(server),
];

describe('S12: mixed traffic', () => {
  it(
    `leaves nothing behind after ${SOAK_MS} ms of it`,
    async ({ annotate }) => {
      await using server = await startVictim({ run: { transport: 'sse' } });
      const heights: number[] = [];
      let rounds = 0;
      for (let sample = 1; sample <= SAMPLES; sample += 1) {
        const endMs = performance.now() + SOAK_MS / SAMPLES;
        await Promise.all(
          CLIENTS.map(async (client) => {
            for (let round = 0; performance.now() < endMs; round += 1, rounds += 1) {
              await client(server, round);
            }
          }),
        );
        await server.ask('forget');
        expect(await server.harm()).toEqual([]);
        heights.push((await server.process.vitals()).heapBytes);
      }
      await annotate(JSON.stringify({ rounds, heights }));
      expect(Math.max(...heights)).toBeLessThan((heights[0] ?? 0) * MAX_GROWTH);
    },
    2 * SOAK_MS + 60_000,
  );
});
