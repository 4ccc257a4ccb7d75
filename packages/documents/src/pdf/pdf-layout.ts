/**
 * What is usual in this document: body size, heading sizes, line distance.
 *
 * @module
 */
import { lineText, type PdfLine } from './pdf-lines.ts';

export interface PdfLayout {
  readonly bodySize: number;
  /** Baseline distance of lines within a paragraph, in parts of their size. */
  readonly leading: number;
  /** Heading level 1-6 of a line, or 0 for body text. */
  headingLevel(line: PdfLine): number;
}

/** How much larger than the body a heading is, at least. */
const HEADING_RATIO = 1.14;
const MAX_HEADING_CHARS = 160;
const DEFAULT_LEADING = 1.2;
const STEP = 0.5;

/** Measures a whole document. */
export function measureLayout(lines: readonly PdfLine[]): PdfLayout {
  const chars = new Map<number, number>();
  for (const line of lines) {
    const size = roundSize(line.size);
    chars.set(size, (chars.get(size) ?? 0) + lineText(line).length);
  }
  const bodySize = mostFrequent(chars) ?? 0;
  const headingSizes = [...chars.keys()]
    .filter((size) => size >= bodySize * HEADING_RATIO)
    .toSorted((left, right) => right - left);
  return {
    bodySize,
    leading: measureLeading(lines, bodySize),
    headingLevel(line) {
      const rank = headingSizes.indexOf(roundSize(line.size));
      const isShort = lineText(line).length <= MAX_HEADING_CHARS;
      return rank < 0 || !isShort ? 0 : Math.min(rank + 1, 6);
    },
  };
}

function measureLeading(lines: readonly PdfLine[], bodySize: number): number {
  const distances = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1];
    const isBody = roundSize(line.size) === bodySize;
    if (!next || !isBody || next.page !== line.page) continue;
    const ratio = Math.round(((line.y - next.y) / line.size) * 20) / 20;
    if (ratio > 0.8 && ratio < 3) distances.set(ratio, (distances.get(ratio) ?? 0) + 1);
  }
  return mostFrequent(distances) ?? DEFAULT_LEADING;
}

function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most) {
      best = value;
      most = count;
    }
  }
  return best;
}

function roundSize(size: number): number {
  return Math.round(size / STEP) * STEP;
}
