/**
 * From `ctx.progress()` to the bytes at a client, while eight other connections call as fast as they
 * are answered; and on an idle server.
 *
 * @module
 */
import { addressOf, SDK_2, STROM } from '../lab/contenders.ts';
import { interleave } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
import type { Row } from '../lab/row.ts';
import { median, percentile, ratioOfRounds, significant } from '../lab/statistics.ts';
import { ECHO } from './calls.ts';

const EVERY_MS = 3;
const BACKGROUND_LINES = 8;
const CONTENDERS = { strom: STROM, 'sdk-2': SDK_2 } as const;
const PERCENTILES = { 'latency-saturated-p50': 0.5, 'latency-saturated-p99': 0.99 } as const;

type Name = keyof typeof CONTENDERS;

export async function benchLatency(lab: Lab): Promise<Row[]> {
  const rounds = { count: lab.effort.steadyRounds, hasWarmUp: true };
  const names = Object.keys(CONTENDERS) as Name[];
  const samples = await interleave(names, rounds, (name) => timeOnce(lab, name, true));
  return Object.entries(PERCENTILES).map(([work, share]) => {
    const of = (name: Name) => (samples.get(name) ?? []).map((micros) => percentile(micros, share));
    return {
      work: work as keyof typeof PERCENTILES,
      against: 'sdk-2',
      ...ratioOfRounds(of('strom'), of('sdk-2')),
      unit: 'us',
      strom: significant(median(of('strom'))),
      other: significant(median(of('sdk-2'))),
    };
  });
}

/** The median in microseconds on a server with nothing else to do: the median of the rounds. */
export async function idleLatency(lab: Lab): Promise<number> {
  const rounds = { count: lab.effort.rounds, hasWarmUp: true };
  const samples = await interleave(['strom'], rounds, (name) => timeOnce(lab, name, false));
  return significant(median((samples.get('strom') ?? []).map((micros) => median(micros))));
}

async function timeOnce(lab: Lab, name: Name, isBusy: boolean): Promise<number[]> {
  const contender = CONTENDERS[name];
  const address = addressOf(contender, await lab.server(contender));
  const background = { ...ECHO, ...address, lines: BACKGROUND_LINES };
  return lab.load.run('latency', {
    ...address,
    total: lab.effort.ticks,
    everyMs: EVERY_MS,
    ...(isBusy && { background }),
  });
}
