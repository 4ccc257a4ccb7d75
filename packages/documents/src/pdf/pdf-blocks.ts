/**
 * Lines of a whole PDF to Markdown blocks: headings, paragraphs, lists, tables.
 *
 * @module
 */
import type { Heading, List, Paragraph, RootContent, Table } from 'mdast';
import { createOutline, measureLayout, type PdfLayout } from './pdf-layout.ts';
import { lineLeft, lineRight, lineText, type PdfLine } from './pdf-lines.ts';
import { endOfRun, tableOf } from './pdf-table.ts';

const BULLET = /^[•◦▪●‣∙–*-]\s+/;
const NUMBER = /^\d{1,3}[.)]\s+/;
/** The dots between a title and its page number in a table of contents. */
const LEADER = / ?(?:\. ?){5,}/;
/** A distance this much above the usual one parts two paragraphs. */
const PARAGRAPH_GAP = 1.2;
/** A line this much narrower than the one before ended early. */
const SHORT_LINE = 0.8;
const SENTENCE_END = /[.!?:…]["'”’)]?$/;
/** Code within prose is often set a little smaller. */
const SAME_SIZE = 0.15;
/** A table may start this many lines below something that only looks like its first row. */
const MAX_TRIES = 8;

/** A paragraph, list item or heading while lines are still being added to it. */
interface Draft {
  readonly kind: 'heading' | 'item' | 'numbered' | 'paragraph';
  /** The text of each line; joined once, at the end. */
  readonly texts: string[];
  last: PdfLine;
  widest: number;
}

interface Builder {
  readonly lines: readonly PdfLine[];
  readonly layout: PdfLayout;
  readonly outline: (size: number) => number;
  readonly blocks: RootContent[];
  draft: Draft | undefined;
  /** The last run of lines that turned out to be no table. */
  failed: { readonly start: number; readonly end: number };
}

/** Builds the blocks of a document from the lines of its pages. */
export function linesToBlocks(lines: readonly PdfLine[]): RootContent[] {
  const builder: Builder = {
    lines,
    layout: measureLayout(lines),
    outline: createOutline(),
    blocks: [],
    draft: undefined,
    failed: { start: 0, end: 0 },
  };
  for (let index = 0; index < lines.length; ) {
    const taken = takeTable(builder, index);
    if (taken === 0) takeLine(builder, index);
    index += Math.max(taken, 1);
  }
  closeDraft(builder);
  return builder.blocks;
}

/** Takes the table at a line, if there is one, and returns how many lines it took. */
function takeTable(builder: Builder, index: number): number {
  const { lines, failed } = builder;
  const isHopeless = index < failed.end && index - failed.start >= MAX_TRIES;
  if (isHopeless || (lines[index]?.cells.length ?? 0) < 2) return 0;
  const end = endOfRun(lines, index);
  const rows = tableOf(lines.slice(index, end));
  if (!rows) {
    if (index >= failed.end) builder.failed = { start: index, end };
    return 0;
  }
  closeDraft(builder);
  builder.blocks.push(tableBlock(rows));
  return end - index;
}

function takeLine(builder: Builder, index: number): void {
  const line = builder.lines[index];
  if (!line) return;
  const next = startDraft(line, builder.layout);
  if (builder.draft && continues(builder.draft, next, builder.layout)) {
    extend(builder.draft, line);
    return;
  }
  closeDraft(builder);
  builder.draft = next;
}

function closeDraft(builder: Builder): void {
  const { blocks, draft, outline } = builder;
  builder.draft = undefined;
  if (!draft) return;
  const text = joinLines(draft.texts);
  if (draft.kind === 'heading') blocks.push(headingBlock(text, outline(draft.last.size)));
  else if (draft.kind === 'paragraph') blocks.push(paragraphBlock(text));
  else addItem(blocks, text, draft.kind === 'numbered');
}

function startDraft(line: PdfLine, layout: PdfLayout): Draft {
  const text = lineText(line).trim();
  if (LEADER.test(text)) return newDraft('item', text.replace(LEADER, ' … '), line);
  if (layout.isHeading(line)) return newDraft('heading', text, line);
  if (BULLET.test(text)) return newDraft('item', text.replace(BULLET, ''), line);
  if (NUMBER.test(text)) return newDraft('numbered', text.replace(NUMBER, ''), line);
  return newDraft('paragraph', text, line);
}

function newDraft(kind: Draft['kind'], text: string, line: PdfLine): Draft {
  return { kind, texts: [text], last: line, widest: lineRight(line) - lineLeft(line) };
}

function continues(draft: Draft, next: Draft, layout: PdfLayout): boolean {
  const { last } = draft;
  const [size, nextSize] = [last.size, next.last.size];
  if (Math.abs(size - nextSize) > SAME_SIZE * Math.max(size, nextSize)) return false;
  if (next.kind === 'heading') return draft.kind === 'heading' && isClose(draft, next, 1.5);
  if (next.kind !== 'paragraph' || draft.kind === 'heading') return false;
  const hasEnded = SENTENCE_END.test(draft.texts.at(-1) ?? '');
  if (last.page !== next.last.page) return !hasEnded && /^\p{Ll}/u.test(next.texts[0] ?? '');
  if (!isClose(draft, next, layout.leading * PARAGRAPH_GAP)) return false;
  const isShort = lineRight(last) - lineLeft(last) < draft.widest * SHORT_LINE;
  return !(isShort && hasEnded);
}

function isClose(draft: Draft, next: Draft, distance: number): boolean {
  const ratio = (draft.last.y - next.last.y) / next.last.size;
  return draft.last.page === next.last.page && ratio > 0 && ratio <= distance;
}

function extend(draft: Draft, line: PdfLine): void {
  draft.texts.push(lineText(line).trim());
  draft.last = line;
  draft.widest = Math.max(draft.widest, lineRight(line) - lineLeft(line));
}

/** Joins lines, and words that were cut at the end of one. */
function joinLines(texts: readonly string[]): string {
  let joined = '';
  for (const [index, text] of texts.entries()) {
    const isCut = /\p{L}-$/u.test(text) && /^\p{Ll}/u.test(texts[index + 1] ?? '');
    joined += isCut ? text.slice(0, -1) : `${text} `;
  }
  return joined.trimEnd();
}

function addItem(blocks: RootContent[], text: string, ordered: boolean): void {
  const previous = blocks.at(-1);
  const item = { type: 'listItem' as const, children: [paragraphBlock(text)] };
  if (previous?.type === 'list' && previous.ordered === ordered) previous.children.push(item);
  else blocks.push({ type: 'list', ordered, spread: false, children: [item] } satisfies List);
}

function headingBlock(value: string, level: number): Heading {
  const depth = Math.max(level, 1) as Heading['depth'];
  return { type: 'heading', depth, children: [{ type: 'text', value }] };
}

function paragraphBlock(value: string): Paragraph {
  return { type: 'paragraph', children: [{ type: 'text', value }] };
}

function tableBlock(rows: readonly string[][]): Table {
  return {
    type: 'table',
    children: rows.map((row) => ({
      type: 'tableRow',
      children: row.map((value) => ({ type: 'tableCell', children: [{ type: 'text', value }] })),
    })),
  };
}
