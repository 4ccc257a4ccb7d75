/**
 * How many calls a second, and how much CPU each costs: connections that call as fast as they are
 * answered.
 *
 * @module
 */

import { type Against, addressOf, type Contender } from '../lab/contenders.ts';
import { interleave } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
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
  /** Connections, or streams of one HTTP/2 connection. Default 32. */
  readonly lines?: number;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Holds a contest. */
export async function benchThroughput(
  lab: Pick<Lab, 'effort' | 'load' | 'server'>,
  { entrants, comparisons, rounds = lab.effort.callRounds, lines = LINES }: Contest,
): Promise<Row[]> {
  const samples = await interleave(
    Object.keys(entrants),
    { count: rounds, hasWarmUp: true },
    (name, isWarmUp) => measureOnce(lab, { ...(entrants[name] as Entrant), lines }, isWarmUp),
  );
  return comparisons.map((comparison) =>
    compare(comparison, samples.get(comparison.strom) ?? [], samples.get(comparison.other) ?? []),
  );
}

async function measureOnce(
  lab: Pick<Lab, 'effort' | 'load' | 'server'>,
  { contender, work, lines }: Entrant & { readonly lines: number },
  isWarmUp: boolean,
): Promise<Sample> {
  const server = await lab.server(contender);
  await lab.load.run('prepare', {
    ...work,
    ...addressOf(contender, server),
    lines,
    measureMs: isWarmUp ? lab.effort.warmUpRoundMs : lab.effort.callMs,
  });
  // Read while nothing runs, so that the answers counted are exactly those the CPU was spent on.
  const before = await server.ask<number>('cpu');
  const { perSecond, answers } = await lab.load.run('measure').catch((cause: unknown) => {
    throw new Error(`${contender.script} ${contender.args ?? ''}`, { cause });
  });
  const cpuMicros = ((await server.ask<number>('cpu')) - before) / answers;
  return { perSecond, cpuMicros };
}

function compare(
  { work, against }: Comparison,
  ours: readonly Sample[],
  theirs: readonly Sample[],
): Row {
  const rates = [ours, theirs].map((samples) => samples.map(({ perSecond }) => perSecond));
  const costs = [ours, theirs].map((samples) => samples.map(({ cpuMicros }) => cpuMicros));
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
