/**
 * Runs the demo on a screen that remembers, and writes what it showed as `docs/images/demo.svg`.
 *
 * Usage: `npm run record-demo`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { animateSvg, type Frame } from './demo/animate-svg.ts';
import { runDemo } from './demo/run-demo.ts';
import { Terminal } from './demo/terminal.ts';

const FILE = path.join(import.meta.dirname, '../docs/images/demo.svg');
const COLUMNS = 100;
/** The real thing takes little more than a second, which nobody can read. */
const SLOWNESS = 5;
/** The result ends with a link for every document; the first ones show what they look like. */
const RESULT_LINES = 5;

const terminal = new Terminal();
const frames: Frame[] = [];
const startedMs = performance.now();
let result = '';

function show(text: string): void {
  terminal.write(text);
  frames.push({ atMs: performance.now() - startedMs, rows: terminal.rows() });
}

show('$ npm run demo\n');
process.exitCode = await runDemo({
  stdio: ['ignore', 'pipe', 'pipe'],
  env: { FORCE_COLOR: '1', CI: '', DEMO_COLUMNS: String(COLUMNS) },
  nodeOptions: ['--import', path.join(import.meta.dirname, 'demo/pretend-terminal.mjs')],
  onCommand: (command) => show(`$ ${command}\n`),
  onStart(stdout, stderr) {
    stderr?.setEncoding('utf8').on('data', show);
    stdout?.setEncoding('utf8').on('data', (text: string) => {
      result += text;
    });
  },
});
show(`${result.split('\n').slice(0, RESULT_LINES).join('\n')}\n…\n`);
await mkdir(path.dirname(FILE), { recursive: true });
await writeFile(FILE, animateSvg(frames, COLUMNS, SLOWNESS));
console.log(`${frames.length} frames written to ${path.relative(process.cwd(), FILE)}`);
