/**
 * Meets every client with every server over every transport and writes what came of it into
 * `docs/interop.md`, between its markers. Exits with 1 when something fails.
 *
 * Usage: `npm run interop`, after `npm run build`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  meetAs,
  obstacle,
  PAIRINGS,
  type Pairing,
  TRANSPORTS,
} from '../packages/strom/test/interop/matrix.ts';
import {
  type Meeting,
  OPERATIONS,
  type OperationName,
} from '../packages/strom/test/interop/operations.ts';
import type { RunningServer } from '../packages/strom/test/interop/servers/server.ts';
import { SERVERS } from '../packages/strom/test/interop/servers/servers.ts';

const ROOT = path.join(import.meta.dirname, '..');
const DOCUMENT = path.join(ROOT, 'docs/interop.md');
const START = '<!-- matrix: written by npm run interop -->';
const END = '<!-- end of matrix -->';
const TIMEOUT_MS = 15_000;
const NAMES = Object.keys(OPERATIONS) as OperationName[];

interface Row extends Pairing {
  readonly revision: string;
  /** One per operation. */
  readonly cells: readonly string[];
}

const notes: string[] = [];
let failures = 0;

/** The number of a note below the tables; equal notes share one. */
function noteNumber(text: string): number {
  if (!notes.includes(text)) notes.push(text);
  return notes.indexOf(text) + 1;
}

async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), TIMEOUT_MS);
  });
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

async function runCell(meeting: Meeting, name: OperationName): Promise<string> {
  try {
    await withTimeout(OPERATIONS[name](meeting));
    return 'yes';
  } catch (error) {
    failures += 1;
    console.error(error);
    return '**fails**';
  }
}

async function runRow(pairing: Pairing, server: RunningServer): Promise<Row> {
  await using meeting = await meetAs(pairing, server);
  const cells: string[] = [];
  for (const name of NAMES) {
    const reason = obstacle(pairing, name);
    if (reason !== undefined) cells.push(`no [${noteNumber(reason)}]`);
    else if (meeting !== undefined) cells.push(await runCell(meeting, name));
  }
  const row = { ...pairing, revision: meeting?.client.revision ?? '', cells };
  console.log([row.transport, row.server, row.client, row.revision, ...cells].join(' | '));
  return row;
}

async function runAll(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, start] of Object.entries(SERVERS)) {
    await using server = await start();
    for (const pairing of PAIRINGS.filter((one) => one.server === name)) {
      rows.push(await runRow(pairing, server));
    }
  }
  return rows;
}

function table(rows: readonly Row[]): string {
  const head = ['server', 'client', 'revision', ...NAMES];
  const lines = rows.map(({ server, client, revision, cells }) => [
    server,
    client,
    revision || '–',
    ...cells,
  ]);
  const all = [head, head.map(() => '---'), ...lines];
  return all.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

const PACKAGES = ['sdk', 'client', 'server', 'server-everything'];

async function versions(): Promise<string> {
  const known = PACKAGES.map(async (name) => {
    const file = path.join(ROOT, 'node_modules/@modelcontextprotocol', name, 'package.json');
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
    return `\`@modelcontextprotocol/${name}\` ${version}`;
  });
  return `With ${(await Promise.all(known)).join(', ')}.`;
}

async function render(rows: readonly Row[]): Promise<string> {
  const sections = TRANSPORTS.map(
    (transport) =>
      `### ${transport}\n\n${table(rows.filter((row) => row.transport === transport))}\n`,
  );
  const list = notes.map((note, index) => `[${index + 1}] ${note}\n`);
  return [`${await versions()}\n`, ...sections, ...list].join('\n');
}

const rows = await runAll();
const document = await readFile(DOCUMENT, 'utf8');
const before = document.slice(0, document.indexOf(START) + START.length);
const after = document.slice(document.indexOf(END));
await writeFile(DOCUMENT, `${before}\n\n${await render(rows)}\n${after}`);
const total = rows.length * NAMES.length;
console.log(`${total - failures} of ${total} cells as documented, ${failures} failed`);
// Servers that stay behind in child processes must not keep a finished run alive.
process.exit(failures === 0 ? 0 : 1);
