/**
 * Running heads, feet and page numbers.
 *
 * @module
 */
import { lineText, type PdfLine } from './pdf-lines.ts';

const MIN_PAGES = 3;

/** Removes first and last lines that repeat, but for their numbers, on most pages. */
export function dropFurniture(pages: readonly PdfLine[][]): PdfLine[][] {
  if (pages.length < MIN_PAGES) return pages.map((lines) => [...lines]);
  const repeated = repeatedEdges(pages);
  return pages.map((lines) => {
    const edges = edgesOf(lines);
    return lines.filter((line) => !edges.has(line) || !repeated.has(patternOf(line)));
  });
}

function repeatedEdges(pages: readonly PdfLine[][]): Set<string> {
  const counts = new Map<string, number>();
  for (const lines of pages) {
    const patterns = new Set([...edgesOf(lines)].map(patternOf));
    for (const pattern of patterns) counts.set(pattern, (counts.get(pattern) ?? 0) + 1);
  }
  const needed = Math.max(MIN_PAGES, Math.ceil(pages.length / 2));
  return new Set([...counts].filter(([, count]) => count >= needed).map(([pattern]) => pattern));
}

/** The highest and the lowest line: a foot may be drawn first. */
function edgesOf(lines: readonly PdfLine[]): Set<PdfLine> {
  let top: PdfLine | undefined;
  let bottom: PdfLine | undefined;
  for (const line of lines) {
    if (!top || line.y > top.y) top = line;
    if (!bottom || line.y < bottom.y) bottom = line;
  }
  return new Set([top, bottom].filter((line) => line !== undefined));
}

function patternOf(line: PdfLine): string {
  return lineText(line).replace(/\d+/g, '#');
}
