import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';

/** It is about 1.3; only something that went wrong can cost so much more on a busy machine. */
const MAX_RATIO = 4;
const ROUNDS = 8;
const CONNECTIONS = 8;
/** On each connection, one after the other. */
const CALLS = 150;

async function callAll(port: number): Promise<void> {
  const request = rawRequest(port, modernCall('hello'));
  const lines = Array.from({ length: CONNECTIONS }, async () => {
    await using connection = await RawConnection.open(port);
    for (let count = 0; count < CALLS; count += 1) {
      connection.write(request);
      expect((await connection.answer()).status).toBe(200);
    }
  });
  await Promise.all(lines);
}

async function usedMicros(server: TestProcess): Promise<number> {
  server.write('cpu\n');
  return Number(await server.line());
}

describe('the cost of a call, in time of the processor', () => {
  it('is at most a few times that of plain node:http', async ({ annotate }) => {
    await using floor = new TestProcess('../perf/cpu-fixture.ts', ['floor']);
    await using strom = new TestProcess('../perf/cpu-fixture.ts', ['strom']);
    const measured = await Promise.all(
      [floor, strom].map(async (server) => ({
        server,
        port: Number(await server.line()),
        perCall: [] as number[],
      })),
    );
    // The least of several rounds: other programs can only add to it. The first ones warm up.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { server, port, perCall } of measured) {
        const before = await usedMicros(server);
        await callAll(port);
        perCall.push(((await usedMicros(server)) - before) / (CONNECTIONS * CALLS));
      }
    }
    const [floorMicros = 0, stromMicros = 0] = measured.map(({ perCall }) => Math.min(...perCall));
    await annotate(JSON.stringify({ floorMicros, stromMicros, ratio: stromMicros / floorMicros }));
    expect(stromMicros / floorMicros).toBeLessThan(MAX_RATIO);
  }, 60_000);
});
