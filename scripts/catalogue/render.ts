import type { CatalogueRow } from './rows.ts';

export interface RowCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What became of each row: its tests, or the reason why it has none. */
export function renderCatalogue(
  rows: Readonly<Record<string, CatalogueRow>>,
  counts: ReadonlyMap<string, RowCounts>,
): string {
  const width = Math.max(...Object.values(rows).map(({ title }) => title.length));
  const lines = Object.entries(rows).map(([id, { title, reason }]) => {
    const state = stateOf(counts.get(id), reason);
    return `${id}  ${title.padEnd(width)}  ${state}`;
  });
  const run = [...counts.keys()].length;
  return [...lines, '', `${run} of ${lines.length} rows of the catalogue run`].join('\n');
}

function stateOf(counts: RowCounts | undefined, reason: string | undefined): string {
  if (counts === undefined) return reason === undefined ? 'not in this run' : `not run: ${reason}`;
  const { passed, failed, skipped } = counts;
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}
