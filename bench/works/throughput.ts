/**
 * How many calls a second, and how much CPU each costs: 32 connections that call as fast as they are
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

const LINES = 32;

/** A server and the work it is given. */
export interface Entrant {
  readonly contender: Contender;
  readonly work: Work;
}

export interface Comparison<Name extends string> {
  readonly work: WorkName;
  readonly strom: Name;
  readonly other: Name;
  readonly against: Against;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** Measures all entrants in the same rounds and compares some of them. */
export async function benchThroughput<Name extends string>(
  lab: Pick<Lab, 'effort' | 'load' | 'server'>,
  entrants: Readonly<Record<Name, Entrant>>,
  comparisons: readonly Comparison<Name>[],
): Promise<Row[]> {
  const names = Object.keys(entrants) as Name[];
  const rounds = { count: lab.effort.callRounds, hasWarmUp: true };
  const samples = await interleave(names, rounds, (name, isWarmUp) =>
    measureOnce(lab, entrants[name], isWarmUp),
  );
  return comparisons.map((comparison) =>
    compare(comparison, samples.get(comparison.strom) ?? [], samples.get(comparison.other) ?? []),
  );
}

async function measureOnce(
  lab: Pick<Lab, 'effort' | 'load' | 'server'>,
  entrant: Entrant,
  isWarmUp: boolean,
): Promise<Sample> {
  const { contender, work } = entrant;
  const server = await lab.server(contender);
  await lab.load.run('prepare', {
    ...work,
    ...addressOf(contender, server),
    lines: LINES,
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
  { work, against }: Comparison<string>,
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
