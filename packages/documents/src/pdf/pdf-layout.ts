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
  /** Whether a line is set larger than the body and short enough for a heading. */
  isHeading(line: PdfLine): boolean;
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
  return {
    bodySize,
    leading: measureLeading(lines, bodySize),
    isHeading: (line) =>
      roundSize(line.size) >= bodySize * HEADING_RATIO &&
      lineText(line).length <= MAX_HEADING_CHARS,
  };
}

/**
 * Gives headings their levels in document order.
 *
 * A heading belongs below the last larger one. Sizes alone would not do: one
 * odd subtitle would push every section a level down.
 *
 * @returns the level 1-6 of the next heading
 */
export function createOutline(): (size: number) => number {
  const open: number[] = [];
  return (size) => {
    const rounded = roundSize(size);
    while ((open.at(-1) ?? Number.POSITIVE_INFINITY) <= rounded) open.pop();
    open.push(rounded);
    return Math.min(open.length, 6);
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
