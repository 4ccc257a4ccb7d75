import { fitLine, plainLine, widthOf } from '../live/terminal-text.ts';

/**
 * Rows of cells under each other; the first row is the head. Cells are made safe for a terminal.
 *
 * @param maxColumns - what one cell may take; default: as much as it wants
 */
export function table(rows: readonly (readonly string[])[], maxColumns = Infinity): string {
  const cells = rows.map((row) => row.map((text) => fitLine(plainLine(text), maxColumns)));
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
