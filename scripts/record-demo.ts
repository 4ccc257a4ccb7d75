/**
 * Runs the demo on a screen that remembers, and writes what it showed as `docs/images/demo.svg`.
 *
 * Usage: `npm run record-demo`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { animateSvg, type Frame } from './demo/animate-svg.ts';
import { runDemo, summaryOf } from './demo/run-demo.ts';
import { Terminal } from './demo/terminal.ts';
import { LiveView } from './demo/view.ts';

const FILE = path.join(import.meta.dirname, '../docs/images/demo.svg');
const COLUMNS = 98;
/** The real thing takes little more than a second, which nobody can read. */
const SLOWNESS = 5;

const terminal = new Terminal();
const frames: Frame[] = [];
const startedMs = performance.now();

function show(text: string): void {
  terminal.write(text);
  frames.push({ atMs: performance.now() - startedMs, rows: terminal.rows() });
}

show('$ npm run demo\n');
const manifest = await runDemo(new LiveView({ write: show, columns: COLUMNS, hasColors: true }));
show(`${summaryOf(manifest)}\n`);
await mkdir(path.dirname(FILE), { recursive: true });
await writeFile(FILE, animateSvg(frames, COLUMNS, SLOWNESS));
console.log(`${frames.length} frames written to ${path.relative(process.cwd(), FILE)}`);
