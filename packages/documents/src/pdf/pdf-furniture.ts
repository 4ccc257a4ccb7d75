/**
 * Running heads, feet and page numbers.
 *
 * @module
 */
import { lineText, type PdfLine } from './pdf-lines.ts';

/** A line is furniture once it stands on three pages that lie this close together. */
const MIN_PAGES = 3;
const MAX_SPAN = 4;
const PAGE_NUMBER = /^[\d\s/|.–-]{1,12}$|^[ivxlc]{1,7}$/i;

/** Removes first and last lines that repeat, but for their numbers, and bare page numbers. */
export function dropFurniture(pages: readonly PdfLine[][]): PdfLine[][] {
  if (pages.length < MIN_PAGES) return pages.map((lines) => [...lines]);
  const repeated = repeatedEdges(pages);
  return pages.map((lines) => {
    const edges = edgesOf(lines);
    return lines.filter((line) => !edges.has(line) || !isFurniture(line, repeated));
  });
}

function isFurniture(line: PdfLine, repeated: ReadonlySet<string>): boolean {
  return PAGE_NUMBER.test(lineText(line).trim()) || repeated.has(patternOf(line));
}

/** Chapters have their own heads, left and right pages differ: what counts is three nearby. */
function repeatedEdges(pages: readonly PdfLine[][]): Set<string> {
  const seen = new Map<string, number[]>();
  const repeated = new Set<string>();
  for (const [page, lines] of pages.entries()) {
    for (const pattern of new Set([...edgesOf(lines)].map(patternOf))) {
      const places = [...(seen.get(pattern) ?? []), page].slice(-MIN_PAGES);
      seen.set(pattern, places);
      const span = page - (places[0] ?? page);
      if (places.length === MIN_PAGES && span <= MAX_SPAN) repeated.add(pattern);
    }
  }
  return repeated;
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
