import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type TaskFigures, taskLines } from '../works/tasks.ts';
import { BENCH_FOLDER } from './contenders.ts';
import { CAN_PIN } from './pin.ts';
import type { Row } from './row.ts';
import { tableOf } from './table.ts';

const BEGIN = '<!-- written by npm run bench: begin -->';
const END = '<!-- written by npm run bench: end -->';
const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);

/** What a run found. */
export interface Report {
  readonly rows: readonly Row[];
  /** Median microseconds from `ctx.progress()` to a client on an idle server. */
  readonly idleLatencyMicros: number | undefined;
  /** What durable tasks cost. */
  readonly tasks: TaskFigures | undefined;
}

/** Writes `out/latest.json`. */
export async function writeJson({ rows }: Report): Promise<void> {
  const folder = `${BENCH_FOLDER}out`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/latest.json`, `${JSON.stringify(rows, undefined, 2)}\n`);
}

/** Replaces the measured part of the document and leaves the rest of it alone. */
export async function writeDocument(report: Report): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end === -1) throw new Error('docs/performance.md has lost its markers');
  await writeFile(
    DOCUMENT,
    `${text.slice(0, begin + BEGIN.length)}\n\n${measuredPart(report)}\n\n${text.slice(end)}`,
  );
}

function measuredPart({ rows, idleLatencyMicros, tasks }: Report): string {
  const cores = availableParallelism();
  const pinning = CAN_PIN ? 'server and load on a core each' : 'server and load not pinned';
  return [
    `Node ${process.version}, ${process.platform}, ${cores} cores, ${pinning}.`,
    '',
    tableOf(rows),
    '',
    `On an idle server a notification reaches its client ${idleLatencyMicros} us after`,
    '`ctx.progress()` (median, loopback).',
    '',
    ...(tasks === undefined ? [] : taskLines(tasks).map((line) => `- ${line}`)),
  ].join('\n');
}
