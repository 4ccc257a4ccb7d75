import type { Run } from './terminal.ts';

/** What the screen showed from one moment on. */
export interface Frame {
  readonly atMs: number;
  readonly rows: readonly (readonly Run[])[];
}

interface Shown {
  readonly row: number;
  readonly runs: readonly Run[];
  readonly fromMs: number;
  readonly untilMs: number;
}

const CELL_WIDTH = 8.4;
const ROW_HEIGHT = 19;
const PADDING = 16;
const HOLD_MS = 5_000;

const STYLE = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d6dae0; white-space: pre }
.bold { font-weight: bold } .faint { fill: #768390 } .red { fill: #f47067 } .green { fill: #6bc46d }
.yellow { fill: #e0b049 } .cyan { fill: #56b6c2 }
g { animation-timing-function: step-end; animation-iteration-count: infinite }
@media (prefers-reduced-motion: reduce) { g { animation: none !important } }`;

/**
 * A looping SVG of a terminal session. Where nothing moves, it shows the last frame.
 *
 * @param slowness - how many times slower than it was the session is played
 */
export function animateSvg(frames: readonly Frame[], columns: number, slowness: number): string {
  const endMs = (frames.at(-1)?.atMs ?? 0) * slowness + HOLD_MS;
  const shown = shownRows(frames, slowness, endMs);
  const rows = 1 + Math.max(...shown.map(({ row }) => row));
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = rows * ROW_HEIGHT + 2 * PADDING;
  const keyframes = shown.map((item, index) => keyframesOf(item, index, endMs)).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    '<title>npm run demo: sixteen documents are converted, each one reported as it is done</title>',
    `<style>${STYLE}\n${keyframes}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1c2128"/>`,
    ...shown.map((item, index) => groupOf(item, index, endMs)),
    '</svg>\n',
  ].join('\n');
}

/** Each row as the things it showed one after another; an empty row shows nothing. */
function shownRows(frames: readonly Frame[], slowness: number, endMs: number): readonly Shown[] {
  const shown: Shown[] = [];
  const last = frames.at(-1)?.rows ?? [];
  for (let row = 0; row < last.length; row++) {
    let runs: readonly Run[] = [];
    let fromMs = 0;
    const close = (untilMs: number): void => {
      if (runs.length > 0 && untilMs > fromMs) shown.push({ row, runs, fromMs, untilMs });
    };
    for (const frame of frames) {
      const next = frame.rows[row] ?? [];
      if (JSON.stringify(next) === JSON.stringify(runs)) continue;
      const nowMs = frame.atMs * slowness;
      close(nowMs);
      runs = next;
      fromMs = nowMs;
    }
    close(endMs);
  }
  return shown;
}

function keyframesOf({ fromMs, untilMs }: Shown, index: number, endMs: number): string {
  const percent = (ms: number): string => `${((ms / endMs) * 100).toFixed(2)}%`;
  const steps = [`0%{visibility:${fromMs === 0 ? 'visible' : 'hidden'}}`];
  if (fromMs > 0) steps.push(`${percent(fromMs)}{visibility:visible}`);
  if (untilMs < endMs) steps.push(`${percent(untilMs)}{visibility:hidden}`);
  return `@keyframes k${index}{${steps.join('')}}\n`;
}

function groupOf({ row, runs, untilMs }: Shown, index: number, endMs: number): string {
  const still = untilMs < endMs ? ' visibility="hidden"' : '';
  const style = `animation-name:k${index};animation-duration:${(endMs / 1000).toFixed(2)}s`;
  let column = 0;
  const texts = runs.map((run) => {
    const text = textOf(run, column, row);
    column += run.text.length;
    return text;
  });
  return `<g${still} style="${style}">${texts.join('')}</g>`;
}

function textOf({ text, look }: Run, column: number, row: number): string {
  const x = (PADDING + column * CELL_WIDTH).toFixed(1);
  const y = PADDING + row * ROW_HEIGHT + 14;
  const length = (text.length * CELL_WIDTH).toFixed(1);
  const name = look === '' ? '' : ` class="${look}"`;
  return `<text x="${x}" y="${y}" textLength="${length}" xml:space="preserve"${name}>${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
