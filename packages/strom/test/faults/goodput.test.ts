/** How much gets done while ten times as much is asked for as can be done, for a minute. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const CAPACITY = 10;
const OVERLOAD = 10;
const CALL_MS = 250;
const NORMAL_MS = 4000;
const OVERLOAD_MS = 60_000;
const MAX_RECOVERY_MS = 5000;
const LEAST = 0.8;

interface Outcome {
  /** Calls that were done in a second. */
  readonly goodput: number;
  /** How long the ones that were refused waited for that, in milliseconds, in order. */
  readonly refusedMs: readonly number[];
  readonly odd: readonly string[];
}

/** So many clients call for a while, each as soon as its last call is done or was refused a while ago. */
async function load(server: Victim, clients: number, forMs: number): Promise<Outcome> {
  const request = rawRequest(server.port, modernCall('rest', { forMs: CALL_MS }));
  const refusedMs: number[] = [];
  const odd: string[] = [];
  let done = 0;
  const startMs = performance.now();
  const client = async (): Promise<void> => {
    await using connection = await RawConnection.open(server.port);
    while (performance.now() < startMs + forMs) {
      const sentMs = performance.now();
      connection.write(request);
      const { status, headers } = await connection.answer();
      if (status === 200) done += 1;
      else {
        refusedMs.push(performance.now() - sentMs);
        if (status !== 503 || !(Number(headers.get('retry-after')) > 0)) odd.push(`${status}`);
        await pause(CALL_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const tookMs = performance.now() - startMs;
  refusedMs.sort((one, other) => one - other);
  return { goodput: (done * 1000) / tookMs, refusedMs, odd };
}

describe('S11: ten times as many calls as there is room for, for a minute', () => {
  it(
    'leave four fifths of the room to those that are let in, and none of it lost afterwards',
    async ({ annotate }) => {
      await using server = await startVictim({ server: { maxCalls: CAPACITY } });
      const peak = await load(server, CAPACITY, NORMAL_MS);
      const over = await load(server, OVERLOAD * CAPACITY, OVERLOAD_MS);
      const after = await load(server, CAPACITY, MAX_RECOVERY_MS);
      const medianMs = over.refusedMs[over.refusedMs.length >> 1] ?? 0;
      const goodput = [peak, over, after].map((outcome) => outcome.goodput);
      await annotate(JSON.stringify({ goodput, medianMs, refused: over.refusedMs.length }));
      expect(peak.goodput).toBeGreaterThan(0);
      expect(over.odd).toEqual([]);
      expect(over.refusedMs.length).toBeGreaterThan(CAPACITY);
      expect(medianMs).toBeLessThan(CALL_MS);
      expect(over.goodput).toBeGreaterThan(LEAST * peak.goodput);
      expect(after.goodput).toBeGreaterThan(LEAST * peak.goodput);
    },
    2 * OVERLOAD_MS,
  );
});
