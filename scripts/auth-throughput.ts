/**
 * What it costs to know the caller: calls a second with an API key and with an access token, against
 * those of a server that asks nobody, all measured in the same rounds.
 *
 * Usage: `npm run bench:auth [-- --check]`; `--check` exits 1 when a guarded
 * server reaches less than 0.8 of the open one.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { callFor, type Target } from './auth-throughput/load.ts';

const ROUNDS = 9;
const MEASURE_MS = 700;
const GOAL = 0.8;
const KINDS = ['open', 'key', 'token'] as const;

type Kind = (typeof KINDS)[number];

interface Sample {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

interface Measured {
  readonly child: ChildProcess;
  readonly target: Target;
  readonly samples: Sample[];
}

async function start(kind: Kind): Promise<Measured> {
  const script = fileURLToPath(import.meta.resolve('./auth-throughput/server.ts'));
  const child = fork(script, [kind], { execArgv: ['--import', 'tsx'] });
  const [target] = (await once(child, 'message')) as [Target];
  return { child, target, samples: [] };
}

async function cpuMicrosOf({ child }: Measured): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return cpu.user + cpu.system;
}

async function measureOnce(measured: Measured): Promise<Sample> {
  const before = await cpuMicrosOf(measured);
  const startMs = performance.now();
  const answers = await callFor(measured.target, MEASURE_MS);
  const elapsedMs = performance.now() - startMs;
  const cpuMicros = (await cpuMicrosOf(measured)) - before;
  return { perSecond: (answers * 1000) / elapsedMs, cpuMicros: cpuMicros / answers };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const servers = new Map<Kind, Measured>();
try {
  for (const kind of KINDS) servers.set(kind, await start(kind));
  // The first round warms up and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const measured of servers.values()) {
      const sample = await measureOnce(measured);
      if (round > 0) measured.samples.push(sample);
    }
  }
  const open = servers.get('open')?.samples ?? [];
  for (const [kind, { samples }] of servers) {
    // Each round against its own: what disturbs the machine disturbs all of a round.
    const ratio = median(
      samples.map(({ perSecond }, at) => perSecond / (open[at]?.perSecond ?? 0)),
    );
    const perSecond = Math.round(median(samples.map((sample) => sample.perSecond)));
    const cpu = median(samples.map(({ cpuMicros }) => cpuMicros)).toFixed(1);
    console.log(
      `${kind.padEnd(5)}  ${perSecond} calls/s  ${cpu} us CPU  ${ratio.toFixed(2)}x of open`,
    );
    if (process.argv.includes('--check') && ratio < GOAL) process.exitCode = 1;
  }
} finally {
  for (const { child } of servers.values()) child.kill();
}
