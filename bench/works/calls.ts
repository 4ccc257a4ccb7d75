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
import { benchThroughput, type Comparison, type Entrant, LINES } from './throughput.ts';

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

type Contenders = Readonly<Partial<Record<Against, Contender>>>;

const PEERS: Contenders = { 'sdk-2': SDK_2, 'sdk-1': SDK_1, tmcp: TMCP, fastmcp: FASTMCP };
const FLOORS: Contenders = { floor: FLOOR, constant: CONSTANT };

/** Gives many contenders the same work. */
function all(contenders: Readonly<Record<string, Contender>>, work: Work): Record<string, Entrant> {
  const entries = Object.entries(contenders).map(([name, contender]) => [
    name,
    { contender, work },
  ]);
  return Object.fromEntries(entries) as Record<string, Entrant>;
}

/** A work that Strom does in several forms, each of which is compared with everyone else. */
interface Field {
  readonly work: Work;
  readonly stroms: Readonly<Partial<Record<WorkName, Contender>>>;
  readonly floors: Contenders;
  readonly peers: Contenders;
  /** Comparisons of the forms with one another. */
  readonly self?: readonly Comparison[];
}

function withEach(stroms: Field['stroms'], others: Contenders): Comparison[] {
  const works = Object.keys(stroms) as WorkName[];
  const against = Object.keys(others) as Against[];
  return works.flatMap((work) =>
    against.map((other) => ({ work, strom: work, other, against: other })),
  );
}

/** Floors and peers in contests of their own: the fewer take part, the closer together their turns lie. */
async function benchField(lab: Lab, field: Field): Promise<Row[]> {
  const { work, stroms, floors, peers, self = [] } = field;
  return [
    ...(await benchThroughput(lab, {
      entrants: all({ ...stroms, ...floors }, work),
      comparisons: [...withEach(stroms, floors), ...self],
    })),
    ...(await benchThroughput(lab, {
      entrants: all({ ...stroms, ...peers }, work),
      comparisons: withEach(stroms, peers),
      rounds: lab.effort.peerRounds,
      turns: 1,
    })),
  ];
}

/** A tool call answered as JSON. */
export function benchJsonCalls(lab: Lab): Promise<Row[]> {
  const [checked, plain] = ['json-call-checked', 'json-call'] as const;
  return benchField(lab, {
    work: ECHO,
    stroms: { [plain]: STROM, [checked]: STROM_CHECKED },
    floors: FLOORS,
    // Each in the setup in which it answers fastest; this one cannot notify in it.
    peers: { ...PEERS, 'sdk-1': SDK_1_JSON },
    self: [{ work: checked, strom: checked, other: plain, against: 'self' }],
  });
}

/** What it costs to know the caller. */
export function benchAuth(lab: Lab): Promise<Row[]> {
  return benchThroughput(lab, {
    entrants: all({ open: STROM, key: STROM_KEY, token: STROM_TOKEN }, ECHO),
    comparisons: [
      { work: 'auth-key', strom: 'key', other: 'open', against: 'self' },
      { work: 'auth-token', strom: 'token', other: 'open', against: 'self' },
    ],
  });
}

/** A call with 100 notifications that the tool does not wait for. */
export function benchNotify(lab: Lab): Promise<Row[]> {
  const stroms = { 'notify-100': STROM };
  return benchField(lab, { work: notify('burst'), stroms, floors: FLOORS, peers: PEERS });
}

/** The same with each notification awaited. */
export function benchNotifyAwaited(lab: Lab): Promise<Row[]> {
  const stroms = { 'notify-100-awaited': STROM };
  const floors = { floor: FLOOR };
  return benchField(lab, { work: notify('awaited'), stroms, floors, peers: PEERS });
}

/**
 * The same with a turn of the event loop after each notification, where no two can share a write
 * unless the tool has a burst window.
 */
export function benchNotifyImmediate(lab: Lab): Promise<Row[]> {
  const [plain, window] = ['notify-immediate', 'notify-immediate-window'] as const;
  const { fastmcp: _slow, ...peers } = PEERS;
  return benchField(lab, {
    work: notify('immediate'),
    stroms: { [plain]: STROM, [window]: STROM_BURST },
    floors: { floor: FLOOR },
    peers,
    self: [{ work: plain, strom: window, other: plain, against: 'self' }],
  });
}

/** HTTPS, and HTTP/2 with 32 streams on one connection, against plain HTTP/1.1. */
export function benchEncrypted(lab: Lab): Promise<Row[]> {
  return benchThroughput(lab, {
    entrants: all({ strom: STROM, https: STROM_HTTPS, h2: STROM_H2 }, ECHO),
    comparisons: [
      { work: 'https-echo', strom: 'https', other: 'strom', against: 'self' },
      { work: 'h2-echo', strom: 'h2', other: 'strom', against: 'self' },
    ],
  });
}

/**
 * Two processes against one, both free to use all cores; the load takes its share of them. There are lines
 * for both of the two, so that neither waits for the load while the other keeps it from its core.
 */
export async function benchWorkers(lab: Lab): Promise<Row[]> {
  await using load = await Load.start(true);
  const free = { effort: lab.effort, load, server: lab.server.bind(lab) };
  const rows = await benchThroughput(free, {
    entrants: all({ one: STROM_UNPINNED, two: STROM_WORKERS }, notify('burst')),
    comparisons: [{ work: 'workers-2', strom: 'two', other: 'one', against: 'self' }],
    rounds: lab.effort.steadyRounds,
    lines: 2 * LINES,
  });
  // The CPU time of the workers is not that of the process the bench talks to.
  return rows.map(({ stromCpuMicros, otherCpuMicros, cpuRatio, ...row }) => row);
}
