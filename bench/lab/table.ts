import { goalOf, isReached } from './goals.ts';
import type { Row } from './row.ts';
import { significant } from './statistics.ts';

const HEAD = [
  'work',
  'against',
  'ratio',
  'spread',
  'goal',
  'Strom',
  'other',
  'unit',
  'CPU us/call',
  'CPU ratio',
];

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellsOf(row: Row): string[] {
  const [lowest, highest] = row.spread;
  const hasCpu = row.stromCpuMicros !== undefined;
  return [
    row.work,
    row.against,
    `**${row.ratio}**`,
    `${lowest} – ${highest}`,
    goalText(row),
    String(row.strom),
    String(row.other),
    row.unit,
    hasCpu ? `${row.stromCpuMicros} / ${row.otherCpuMicros}` : '',
    hasCpu && row.cpuRatio !== undefined ? String(significant(row.cpuRatio)) : '',
  ];
}

function goalText(row: Row): string {
  const goal = goalOf(row);
  if (goal === undefined) return '';
  const bound = `${goal.better === 'more' ? '≥' : '≤'} ${goal.must}`;
  return isReached(row) ? bound : `${bound}, missed`;
}
