/**
 * What open streams and unread floods cost in memory. Every measurement has a fresh process.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../lab/child.ts';
import {
  addressOf,
  type Contender,
  FLOOR,
  SDK_1,
  SDK_2,
  STROM,
  startContender,
} from '../lab/contenders.ts';
import { interleave } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
import type { Row, Unit, WorkName } from '../lab/row.ts';
import { median, ratioOfRounds, significant } from '../lab/statistics.ts';
import type { Address } from '../load/requests.ts';
import { ECHO } from './calls.ts';

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly peakRss: number;
}

const NODE_OPTIONS = ['--expose-gc'];
const BYTES_PER_KB = 1024;
const BYTES_PER_MB = 1024 * 1024;
const WARM_MS = 300;
const WARM_LINES = 8;
const SETTLE_MS = 300;
const POLL_MS = 100;
/** A flood that makes no headway for so long is parked: its server waits for the reader. */
const PARKED_MS = 3000;

/** An idle open stream: resident memory and heap for each. */
export async function benchIdleStreams(lab: Lab): Promise<Row[]> {
  const contenders = { strom: STROM, floor: FLOOR, 'sdk-2': SDK_2, 'sdk-1': SDK_1 } as const;
  const samples = await inFreshProcesses(contenders, lab.effort.idleRounds, (contender) =>
    idleCost(lab, contender),
  );
  const rss = new Map([...samples].map(([name, costs]) => [name, costs.map((cost) => cost.rss)]));
  const heap = new Map([...samples].map(([name, costs]) => [name, costs.map((cost) => cost.heap)]));
  return (['floor', 'sdk-2', 'sdk-1'] as const).flatMap((against) => [
    row({ work: 'idle-stream-rss', against, unit: 'kB' }, rss),
    row({ work: 'idle-stream-heap', against, unit: 'kB' }, heap),
  ]);
}

/** One client that asks for a flood of notifications and reads nothing: growth of the server. */
export async function benchFlood(lab: Lab): Promise<Row[]> {
  const contenders = { strom: STROM, floor: FLOOR, 'sdk-2': SDK_2 } as const;
  const growth = await inFreshProcesses(contenders, lab.effort.floodRounds, (contender) =>
    floodGrowth(lab, contender),
  );
  return (['floor', 'sdk-2'] as const).map((against) =>
    row({ work: 'flood-memory', against, unit: 'MB' }, growth),
  );
}

function inFreshProcesses<Sample>(
  contenders: Readonly<Record<string, Contender>>,
  count: number,
  measure: (contender: Contender) => Promise<Sample>,
): Promise<ReadonlyMap<string, Sample[]>> {
  const rounds = { count, hasWarmUp: false };
  return interleave(Object.keys(contenders), rounds, (name) => measure(contenders[name] ?? STROM));
}

async function idleCost(lab: Lab, contender: Contender) {
  const { idleStreams } = lab.effort;
  await using server = await startContender(contender, NODE_OPTIONS);
  const address = addressOf(contender, server);
  await warmUp(lab, address);
  const before = await server.ask<Memory>('memory');
  await lab.load.run('holdStreams', { ...address, count: idleStreams });
  await sleep(SETTLE_MS);
  const after = await server.ask<Memory>('memory');
  await lab.load.run('release');
  return {
    rss: (after.rss - before.rss) / idleStreams / BYTES_PER_KB,
    heap: (after.heapUsed - before.heapUsed) / idleStreams / BYTES_PER_KB,
  };
}

async function floodGrowth(lab: Lab, contender: Contender): Promise<number> {
  await using server = await startContender(contender, NODE_OPTIONS);
  const address = addressOf(contender, server);
  await warmUp(lab, address);
  const before = await server.ask<Memory>('memory');
  await lab.load.run('flood', { ...address, total: lab.effort.floodNotes });
  await untilFlooded(server, lab.effort.floodNotes);
  const after = await server.ask<Memory>('memory');
  await lab.load.run('release');
  return (after.peakRss - before.rss) / BYTES_PER_MB;
}

async function untilFlooded(server: Child, total: number): Promise<void> {
  let flooded = 0;
  let stillSinceMs = performance.now();
  while (flooded < total && performance.now() - stillSinceMs < PARKED_MS) {
    await sleep(POLL_MS);
    const counters = await server.ask<{ flooded?: number }>('counters');
    if ((counters.flooded ?? 0) > flooded) stillSinceMs = performance.now();
    flooded = counters.flooded ?? 0;
  }
}

/** Some calls, so that code and pools a server makes once do not count as cost of a stream. */
async function warmUp(lab: Lab, address: Address): Promise<void> {
  const name = 'warm-up';
  await lab.load.run('prepare', { name, ...ECHO, ...address, lines: WARM_LINES });
  await lab.load.run('measure', { name, measureMs: WARM_MS });
  await lab.load.run('hangUp', name);
}

function row(
  head: { work: WorkName; against: 'floor' | 'sdk-2' | 'sdk-1'; unit: Unit },
  series: ReadonlyMap<string, number[]>,
): Row {
  const ours = series.get('strom') ?? [];
  const theirs = series.get(head.against) ?? [];
  return {
    ...head,
    ...ratioOfRounds(ours, theirs),
    strom: significant(median(ours)),
    other: significant(median(theirs)),
  };
}
