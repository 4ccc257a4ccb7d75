/**
 * What the embedded store costs: events written a second, beside the bare driver putting the same
 * rows into the same tables, and the way of an event from one process to another.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../lab/child.ts';
import { BENCH_FOLDER } from '../lab/contenders.ts';
import { interleave } from '../lab/interleave.ts';
import type { Lab } from '../lab/lab.ts';
import { LOAD_CORE, SERVER_CORE } from '../lab/pin.ts';
import type { Row } from '../lab/row.ts';
import { median, percentile, ratioOfRounds, significant } from '../lab/statistics.ts';

const VARIANTS = ['strom', 'floor'] as const;
type Variant = (typeof VARIANTS)[number];

const WORKS = { batched: 'store-batched', durable: 'store-durable' } as const;
type Work = keyof typeof WORKS;

const PERCENTILES = { 'store-tail-p50': 0.5, 'store-tail-p99': 0.99 } as const;

const EVERY_MS = 5;
/** Until the last event has arrived, which takes far less. */
const SETTLE_MS = 200;

interface Rate {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** A file of its own with a process that writes to it and one that follows it. */
class Site implements AsyncDisposable {
  readonly writer: Child;
  readonly reader: Child;
  readonly #folder: string;

  private constructor(folder: string, writer: Child, reader: Child) {
    this.#folder = folder;
    this.writer = writer;
    this.reader = reader;
  }

  static async open(variant: Variant): Promise<Site> {
    const out = path.join(BENCH_FOLDER, 'out');
    await mkdir(out, { recursive: true });
    const folder = mkdtempSync(path.join(out, 'store-'));
    const args = ['servers/store.mjs', variant, path.join(folder, 'store.db')];
    const start = (core: number) => Child.start({ core, args, cwd: BENCH_FOLDER });
    const writer = await start(SERVER_CORE);
    return new Site(folder, writer, await start(LOAD_CORE));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer[Symbol.asyncDispose]();
    await this.reader[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

export async function benchStore(lab: Lab): Promise<Row[]> {
  await using strom = await Site.open('strom');
  await using floor = await Site.open('floor');
  const sites = { strom, floor };
  const rows: Row[] = [];
  for (const work of ['durable', 'batched'] as const) rows.push(await rateRow(lab, sites, work));
  return [...rows, ...(await tailRows(lab, sites))];
}

type Sites = Readonly<Record<Variant, Site>>;

async function rateRow({ effort }: Lab, sites: Sites, work: Work): Promise<Row> {
  const { rounds: count, measureMs } = effort;
  const samples = await interleave(VARIANTS, { count, hasWarmUp: true }, (name) =>
    sites[name].writer.ask<Rate>(work, { measureMs }),
  );
  const of = (name: Variant, figure: keyof Rate): number[] =>
    (samples.get(name) ?? []).map((rate) => rate[figure]);
  return {
    work: WORKS[work],
    against: 'floor',
    ...ratioOfRounds(of('strom', 'perSecond'), of('floor', 'perSecond')),
    unit: 'events/s',
    strom: significant(median(of('strom', 'perSecond'))),
    other: significant(median(of('floor', 'perSecond'))),
    stromCpuMicros: significant(median(of('strom', 'cpuMicros'))),
    otherCpuMicros: significant(median(of('floor', 'cpuMicros'))),
    cpuRatio: ratioOfRounds(of('strom', 'cpuMicros'), of('floor', 'cpuMicros')).ratio,
  };
}

async function tailRows({ effort }: Lab, sites: Sites): Promise<Row[]> {
  for (const { reader } of Object.values(sites)) await reader.ask('follow');
  const rounds = { count: effort.rounds, hasWarmUp: true };
  const samples = await interleave(VARIANTS, rounds, async (name) => {
    await sites[name].writer.ask('send', { total: effort.ticks, everyMs: EVERY_MS });
    await sleep(SETTLE_MS);
    const delays = await sites[name].reader.ask<number[]>('delays');
    if (delays.length !== effort.ticks) throw new Error(`${name}: ${delays.length} events came`);
    return delays;
  });
  return Object.entries(PERCENTILES).map(([work, share]) => {
    const of = (name: Variant): number[] =>
      (samples.get(name) ?? []).map((delays) => percentile(delays, share));
    return {
      work: work as keyof typeof PERCENTILES,
      against: 'floor',
      ...ratioOfRounds(of('strom'), of('floor')),
      unit: 'us',
      strom: significant(median(of('strom'))),
      other: significant(median(of('floor'))),
    };
  });
}
