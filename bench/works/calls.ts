/**
 * The works that count calls: which servers take part in which, and who is compared with whom.
 *
 * @module
 */
import {
  type Against,
  CONSTANT,
  type Contender,
  FASTMCP,
  FLOOR,
  SDK_1,
  SDK_1_JSON,
  SDK_2,
  STROM,
  STROM_BURST,
  STROM_CHECKED,
  STROM_H2,
  STROM_HTTPS,
  STROM_KEY,
  STROM_TOKEN,
  STROM_UNPINNED,
  STROM_WORKERS,
  TMCP,
} from '../lab/contenders.ts';
import type { Lab } from '../lab/lab.ts';
import { Load } from '../lab/load.ts';
import type { Row, WorkName } from '../lab/row.ts';
import type { Work } from '../load/throughput.ts';
import { benchThroughput, type Comparison, type Entrant } from './throughput.ts';

const NOTES = 100;

export const ECHO: Work = {
  request: { tool: 'echo', args: { text: 'hello', times: 3 }, wantsProgress: false },
  text: 'hello 3',
  notes: 0,
};

function notify(pace: 'burst' | 'awaited' | 'immediate'): Work {
  return {
    request: { tool: 'notify', args: { total: NOTES, pace }, wantsProgress: true },
    text: 'Processing complete!',
    notes: NOTES,
  };
}

const PEERS = { 'sdk-2': SDK_2, 'sdk-1': SDK_1, tmcp: TMCP, fastmcp: FASTMCP } as const;
const FLOORS = { floor: FLOOR, constant: CONSTANT } as const;

/** Gives many contenders the same work. */
function all<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  work: Work,
): Record<Name, Entrant> {
  const entries = Object.entries<Contender>(contenders).map(([name, contender]) => [
    name,
    { contender, work },
  ]);
  return Object.fromEntries(entries) as Record<Name, Entrant>;
}

/** Compares one Strom with everyone else who takes part. */
function withAll<Name extends Against>(
  work: WorkName,
  strom: string,
  others: Readonly<Record<Name, unknown>>,
): Comparison<string>[] {
  const names = Object.keys(others) as Name[];
  return names.map((other) => ({ work, strom, other, against: other }));
}

/** A tool call answered as JSON. */
export function benchJsonCalls(lab: Lab): Promise<Row[]> {
  // Each peer in the setup in which it answers fastest; this one cannot notify in it.
  const others = all({ ...FLOORS, ...PEERS, 'sdk-1': SDK_1_JSON }, ECHO);
  const strom = { contender: STROM, work: ECHO };
  const checked = { contender: STROM_CHECKED, work: ECHO };
  return benchThroughput(lab, { strom, checked, ...others }, [
    ...withAll('json-call', 'strom', others),
    ...withAll('json-call-checked', 'checked', others),
    { work: 'json-call-checked', strom: 'checked', other: 'strom', against: 'self' },
  ]);
}

/** What it costs to know the caller. */
export function benchAuth(lab: Lab): Promise<Row[]> {
  const entrants = all({ open: STROM, key: STROM_KEY, token: STROM_TOKEN }, ECHO);
  return benchThroughput(lab, entrants, [
    { work: 'auth-key', strom: 'key', other: 'open', against: 'self' },
    { work: 'auth-token', strom: 'token', other: 'open', against: 'self' },
  ]);
}

/** A call with 100 notifications that the tool does not wait for. */
export function benchNotify(lab: Lab): Promise<Row[]> {
  const work = notify('burst');
  const others = all({ ...FLOORS, ...PEERS }, work);
  const comparisons = withAll('notify-100', 'strom', others);
  return benchThroughput(lab, { strom: { contender: STROM, work }, ...others }, comparisons);
}

/** The same with each notification awaited. */
export function benchNotifyAwaited(lab: Lab): Promise<Row[]> {
  const work = notify('awaited');
  const others = all({ floor: FLOOR, ...PEERS }, work);
  const comparisons = withAll('notify-100-awaited', 'strom', others);
  return benchThroughput(lab, { strom: { contender: STROM, work }, ...others }, comparisons);
}

/**
 * The same with a turn of the event loop after each notification, where no two can share a write
 * unless the tool has a burst window (`self`).
 */
export function benchNotifyImmediate(lab: Lab): Promise<Row[]> {
  const work = notify('immediate');
  const others = all({ floor: FLOOR, 'sdk-2': SDK_2, 'sdk-1': SDK_1, tmcp: TMCP }, work);
  const entrants = {
    strom: { contender: STROM, work },
    burst: { contender: STROM_BURST, work },
    ...others,
  };
  return benchThroughput(lab, entrants, [
    ...withAll('notify-immediate', 'strom', others),
    { work: 'notify-immediate', strom: 'burst', other: 'strom', against: 'self' },
  ]);
}

/** HTTPS, and HTTP/2 with 32 streams on one connection, against plain HTTP/1.1. */
export function benchEncrypted(lab: Lab): Promise<Row[]> {
  const entrants = all({ strom: STROM, https: STROM_HTTPS, h2: STROM_H2 }, ECHO);
  return benchThroughput(lab, entrants, [
    { work: 'https-echo', strom: 'https', other: 'strom', against: 'self' },
    { work: 'h2-echo', strom: 'h2', other: 'strom', against: 'self' },
  ]);
}

/** Two processes against one, both free to use all cores; the load takes its share of them. */
export async function benchWorkers(lab: Lab): Promise<Row[]> {
  const entrants = all({ one: STROM_UNPINNED, two: STROM_WORKERS }, notify('burst'));
  await using load = await Load.start(true);
  const free = { effort: lab.effort, load, server: lab.server.bind(lab) };
  const rows = await benchThroughput(free, entrants, [
    { work: 'workers-2', strom: 'two', other: 'one', against: 'self' },
  ]);
  // The CPU time of the workers is not that of the process the bench talks to.
  return rows.map(({ stromCpuMicros, otherCpuMicros, cpuRatio, ...row }) => row);
}
