import { fitLine, plainLine, widthOf } from '../live/terminal-text.ts';

/** Columns one cell may take. */
const MAX_COLUMNS = 60;

/** Rows of cells under each other; the first row is the head. Cells are made safe for a terminal. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((text) => fitLine(plainLine(text), MAX_COLUMNS)));
  const [head = []] = cells;
  const widths = head.map((_, column) =>
    Math.max(...cells.map((row) => widthOf(row[column] ?? ''))),
  );
  return cells
    .map((row) =>
      row
        .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - widthOf(text)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
