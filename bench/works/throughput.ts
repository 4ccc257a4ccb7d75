/**
 * How many calls a second, and how much CPU each costs: connections that call as fast as they are
 * answered.
 *
 * @module
 */

import type { Child } from '../lab/child.ts';
import { type Against, addressOf, type Contender } from '../lab/contenders.ts';
import { interleaveRounds } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
import type { Load } from '../lab/load.ts';
import type { Row, WorkName } from '../lab/row.ts';
import { median, ratioOfRounds, significant } from '../lab/statistics.ts';
import type { Work } from '../load/throughput.ts';

export const LINES = 32;

/** A server and the work it is given. */
export interface Entrant {
  readonly contender: Contender;
  readonly work: Work;
}

export interface Comparison {
  readonly work: WorkName;
  /** The entrants that are compared. */
  readonly strom: string;
  readonly other: string;
  readonly against: Against;
}

/** Entrants that are measured in the same rounds, and which of them are compared. */
export interface Contest {
  readonly entrants: Readonly<Record<string, Entrant>>;
  readonly comparisons: readonly Comparison[];
  /** Rounds that count. Default: `callRounds` of the effort. */
  readonly rounds?: number;
  /** In how many turns a round measures everyone. Default: `turns` of the effort. */
  readonly turns?: number;
  /** Connections, or streams of one HTTP/2 connection. Default 32. */
  readonly lines?: number;
}

/** What came of a turn, or of all turns of a round. */
interface Sample {
  readonly answers: number;
  readonly elapsedMs: number;
  readonly cpuMicros: number;
}

type Entrants = Contest['entrants'];

/** Holds a contest. */
export async function benchThroughput(
  lab: Pick<Lab, 'effort' | 'load' | 'server'>,
  contest: Contest,
): Promise<Row[]> {
  const { effort } = lab;
  const { entrants, comparisons, rounds = effort.callRounds, lines = LINES } = contest;
  const turns = contest.turns ?? effort.turns;
  const samples = await interleaveRounds(
    Object.keys(entrants),
    { count: rounds, hasWarmUp: true },
    (order, isWarmUp) =>
      isWarmUp
        ? measureRound({ lab, entrants, lines, turns: 1, turnMs: effort.warmUpRoundMs }, order)
        : measureRound({ lab, entrants, lines, turns, turnMs: effort.callMs / turns }, order),
  );
  return comparisons.map((comparison) =>
    compare(comparison, samples.get(comparison.strom) ?? [], samples.get(comparison.other) ?? []),
  );
}

interface Round {
  readonly lab: Pick<Lab, 'load' | 'server'>;
  readonly entrants: Entrants;
  readonly lines: number;
  readonly turns: number;
  readonly turnMs: number;
}

/**
 * Measures everyone in short turns, there and back: a machine that gets slower or faster meanwhile does so
 * for all of them.
 */
async function measureRound(
  { lab, entrants, lines, turns, turnMs }: Round,
  order: readonly string[],
): Promise<Map<string, Sample>> {
  const samples = new Map<string, Sample>();
  for (let turn = 0; turn < turns; turn += 1) {
    for (const name of turn % 2 === 0 ? order : order.toReversed()) {
      const { contender, work } = entrants[name] as Entrant;
      const server = await lab.server(contender);
      const address = addressOf(contender, server);
      if (turn === 0) await lab.load.run('prepare', { name, ...work, ...address, lines });
      const sample = await measureTurn(lab.load, server, { name, measureMs: turnMs });
      samples.set(name, sum(samples.get(name), sample));
      if (turn === turns - 1) await lab.load.run('hangUp', name);
    }
  }
  return samples;
}

async function measureTurn(
  load: Load,
  server: Child,
  turn: { readonly name: string; readonly measureMs: number },
): Promise<Sample> {
  // Read while nothing runs, so that the answers counted are exactly those the CPU was spent on.
  const before = await server.ask<number>('cpu');
  const throughput = await load.run('measure', turn).catch((cause: unknown) => {
    throw new Error(turn.name, { cause });
  });
  return { ...throughput, cpuMicros: (await server.ask<number>('cpu')) - before };
}

function sum(all: Sample | undefined, { answers, elapsedMs, cpuMicros }: Sample): Sample {
  return {
    answers: (all?.answers ?? 0) + answers,
    elapsedMs: (all?.elapsedMs ?? 0) + elapsedMs,
    cpuMicros: (all?.cpuMicros ?? 0) + cpuMicros,
  };
}

function compare(
  { work, against }: Comparison,
  ours: readonly Sample[],
  theirs: readonly Sample[],
): Row {
  const rates = [ours, theirs].map((samples) => samples.map(ratePerSecond));
  const costs = [ours, theirs].map((samples) => samples.map(microsPerAnswer));
  const [ourRates = [], theirRates = []] = rates;
  const [ourCosts = [], theirCosts = []] = costs;
  return {
    work,
    against,
    ...ratioOfRounds(ourRates, theirRates),
    unit: 'calls/s',
    strom: significant(median(ourRates)),
    other: significant(median(theirRates)),
    stromCpuMicros: significant(median(ourCosts)),
    otherCpuMicros: significant(median(theirCosts)),
    cpuRatio: ratioOfRounds(ourCosts, theirCosts).ratio,
  };
}

function ratePerSecond({ answers, elapsedMs }: Sample): number {
  return (answers * 1000) / elapsedMs;
}

function microsPerAnswer({ answers, cpuMicros }: Sample): number {
  return cpuMicros / answers;
}
