/**
 * The bench: Strom beside two floors and its peers; who is compared is measured in the same rounds.
 *
 * `npm run bench` measures everything, writes `bench/out/latest.json` and the table in
 * `docs/performance.md`. `-- --quick` takes less than two minutes and leaves the document alone;
 * `-- --only=notify` runs the works whose name begins so; `-- --check` exits 1 when a goal is missed.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { isReached } from './lab/goals.ts';
import { FULL, Lab, QUICK } from './lab/lab.ts';
import { build, installPeers } from './lab/prepare.ts';
import type { Row } from './lab/row.ts';
import { tableOf } from './lab/table.ts';
import { writeDocument, writeJson } from './lab/write-report.ts';
import {
  benchAuth,
  benchEncrypted,
  benchJsonCalls,
  benchNotify,
  benchNotifyAwaited,
  benchNotifyImmediate,
  benchWorkers,
} from './works/calls.ts';
import { benchLatency, idleLatency } from './works/latency.ts';
import { benchFlood, benchIdleStreams } from './works/memory.ts';
import { benchStore } from './works/store.ts';
import { measureTasks, type TaskFigures, taskLines } from './works/tasks.ts';
import { benchThirdClient } from './works/third-client.ts';

const WORKS: Readonly<Record<string, (lab: Lab) => Promise<Row[]>>> = {
  'json-call': benchJsonCalls,
  auth: benchAuth,
  'notify-100': benchNotify,
  'notify-100-awaited': benchNotifyAwaited,
  'notify-immediate': benchNotifyImmediate,
  encrypted: benchEncrypted,
  workers: benchWorkers,
  latency: benchLatency,
  'idle-stream': benchIdleStreams,
  flood: benchFlood,
  'third-client': benchThirdClient,
  store: benchStore,
};

/** Works that need no server that is up already, and have the machine for themselves. */
const FRESH = new Set(['idle-stream', 'flood', 'third-client', 'store']);

const TASKS = 'tasks';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

interface Found {
  readonly rows: Row[];
  readonly idleLatencyMicros: number | undefined;
  readonly tasks: TaskFigures | undefined;
}

function isWanted(name: string): boolean {
  return name.startsWith(options.only);
}

async function runAll(lab: Lab): Promise<Found> {
  const idleLatencyMicros = isWanted('latency') ? await idleLatency(lab) : undefined;
  const rows: Row[] = [];
  for (const [name, bench] of Object.entries(WORKS)) {
    if (!isWanted(name)) continue;
    if (FRESH.has(name)) await lab.stopServers();
    const startMs = performance.now();
    const found = await bench(lab);
    rows.push(...found);
    console.log(`\n${name}, ${Math.round((performance.now() - startMs) / 1000)} s\n`);
    console.log(tableOf(found));
  }
  await lab.stopServers();
  const tasks = isWanted(TASKS) ? await measureTasks(lab) : undefined;
  return { rows, idleLatencyMicros, tasks };
}

build();
installPeers();
await using lab = await Lab.open(options.quick ? QUICK : FULL);
const report = await runAll(lab);
if (report.idleLatencyMicros !== undefined) {
  console.log(`\nidle latency, median: ${report.idleLatencyMicros} us`);
}
for (const line of report.tasks === undefined ? [] : taskLines(report.tasks)) console.log(line);
if (options.only === '') await writeJson(report);
if (options.only === '' && !options.quick) await writeDocument(report);

const missed = report.rows.filter((row) => !isReached(row));
if (missed.length > 0) {
  const names = missed.map(({ work, against }) => `${work} against ${against}`);
  console.log(`\n${missed.length} goals missed: ${names.join(', ')}`);
  if (options.check) process.exitCode = 1;
}
