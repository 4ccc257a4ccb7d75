import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';

const CONNECTIONS = 32;
/** On each connection, one after the other. */
const CALLS = 40;
/** A call that is not let go of is several thousand; what the engine itself keeps now and then is less. */
const MAX_BYTES = 1500;

async function callAll(port: number): Promise<void> {
  const request = rawRequest(port, modernCall('turn'));
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => RawConnection.open(port)),
  );
  const lines = connections.map(async (connection) => {
    for (let count = 0; count < CALLS; count += 1) {
      connection.write(request);
      expect((await connection.answer()).status).toBe(200);
    }
  });
  await Promise.all(lines);
  await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
}

async function outlived(server: TestProcess, command: 'all' | 'young'): Promise<number> {
  server.write(`${command}\n`);
  return Number(await server.line());
}

describe('calls that ran side by side', () => {
  it('do not outlive the next collection of young objects', async ({ annotate }) => {
    await using server = new TestProcess('../perf/retention-fixture.ts', [], {
      flags: ['--expose-gc'],
    });
    const port = Number(await server.line());
    const perCall: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await callAll(port);
      await outlived(server, 'all');
      await callAll(port);
      perCall.push((await outlived(server, 'young')) / (CONNECTIONS * CALLS));
    }
    await annotate(JSON.stringify(perCall));
    // The least: the first rounds compile.
    expect(Math.min(...perCall)).toBeLessThan(MAX_BYTES);
  }, 60_000);
});
