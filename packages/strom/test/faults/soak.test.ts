/**
 * Mixed traffic for a while, of clients that come, go and vanish. `STROM_SOAK_MS` makes it longer:
 * 1 800 000 for half an hour.
 */
import { describe, expect, it } from 'vitest';
import { Disposables } from '../harness/disposables.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { HTTP1_VISITS, HTTP2_VISITS, STDIO_VISITS, type Visit } from './support/mixed-calls.ts';
import type { ProbedProcess } from './support/probed-process.ts';
import { StdioServer } from './support/stdio-server.ts';
import { startVictim } from './support/victim.ts';

const SOAK_MS = Number(process.env['STROM_SOAK_MS'] ?? 10_000);
const SAMPLES = SOAK_MS > 60_000 ? 15 : 5;
const MAX_GROWTH = 1.2;

/** What was measured of one process when its clients had paused. */
interface Sample {
  readonly rounds: number;
  readonly heapBytes: number;
  readonly residentMb: number;
  readonly descriptors: number;
}

/** A server and its clients. */
interface Soaked {
  readonly name: string;
  readonly process: ProbedProcess;
  /** Has all clients come again and again up to a time; resolves with how often they came. */
  serve(endMs: number): Promise<number>;
  harm(): Promise<string[]>;
}

async function comeUntil(endMs: number, visit: (round: number) => Promise<unknown>) {
  let round = 0;
  for (; performance.now() < endMs; round += 1) await visit(round);
  return round;
}

/** All clients at the same time. */
function atOnce<Server>(server: Server, visits: readonly Visit<Server>[]) {
  return async (endMs: number): Promise<number> => {
    const clients = visits.map((visit) => comeUntil(endMs, (round) => visit(server, round)));
    return (await Promise.all(clients)).reduce((sum, rounds) => sum + rounds, 0);
  };
}

/** One client after the other. */
function inTurn<Server>(server: Server, visits: readonly Visit<Server>[]) {
  return (endMs: number): Promise<number> =>
    comeUntil(endMs, async (round) => visits[round % visits.length]?.(server, round));
}

async function startAll(stack: Disposables): Promise<readonly Soaked[]> {
  const http1 = stack.use(await startVictim({ run: { transport: 'sse' } }));
  const http2 = stack.use(await startVictim({ run: { tls: 'dev' }, host: 'HTTP/2' }));
  const stdio = stack.use(await StdioServer.start());
  const harmTo = (server: typeof http1) => async (): Promise<string[]> => {
    await server.ask('forget');
    return server.harm();
  };
  return [
    {
      name: 'HTTP/1.1 and HTTP+SSE',
      process: http1.process,
      serve: atOnce(http1, HTTP1_VISITS),
      harm: harmTo(http1),
    },
    {
      name: 'HTTP/2',
      process: http2.process,
      serve: atOnce(http2, HTTP2_VISITS),
      harm: harmTo(http2),
    },
    {
      name: 'stdio',
      process: stdio,
      serve: inTurn(stdio, STDIO_VISITS),
      harm: () => stdio.harm(),
    },
  ];
}

async function sample({ process }: Soaked, rounds: number): Promise<Sample> {
  const { heapBytes, counts } = await process.vitals();
  const residentMb = process.memoryMb('VmRSS');
  return { rounds, heapBytes, residentMb, descriptors: counts['descriptors'] ?? 0 };
}

ownDataHome();

describe('S12: mixed traffic', () => {
  it(
    `leaves nothing behind after ${SOAK_MS} ms of it`,
    async ({ annotate }) => {
      await using stack = new Disposables();
      const all = await startAll(stack);
      const samples = new Map<Soaked, Sample[]>(all.map((soaked) => [soaked, []]));
      for (let count = 1; count <= SAMPLES; count += 1) {
        const endMs = performance.now() + SOAK_MS / SAMPLES;
        const rounds = await Promise.all(all.map((soaked) => soaked.serve(endMs)));
        for (const [index, soaked] of all.entries()) {
          expect(await soaked.harm(), soaked.name).toEqual([]);
          samples.get(soaked)?.push(await sample(soaked, rounds[index] ?? 0));
        }
      }
      for (const [{ name }, taken] of samples) {
        await annotate(`${name}: ${JSON.stringify(taken)}`);
        const [first] = taken;
        for (const { heapBytes, descriptors } of taken) {
          expect(heapBytes, name).toBeLessThan((first?.heapBytes ?? 0) * MAX_GROWTH);
          expect(descriptors, name).toBe(first?.descriptors);
        }
      }
    },
    2 * SOAK_MS + 60_000,
  );
});
