/**
 * Lines of a whole PDF to Markdown blocks: headings, paragraphs, lists, tables.
 *
 * @module
 */
import type { Heading, List, Paragraph, RootContent, Table } from 'mdast';
import { createOutline, measureLayout, type PdfLayout } from './pdf-layout.ts';
import { lineLeft, lineRight, lineText, type PdfLine } from './pdf-lines.ts';
import { tableAt } from './pdf-table.ts';

const BULLET = /^[•◦▪●‣∙–*-]\s+/;
const NUMBER = /^\d{1,3}[.)]\s+/;
/** A distance this much above the usual one parts two paragraphs. */
const PARAGRAPH_GAP = 1.2;
/** A line this much narrower than the one before ended early. */
const SHORT_LINE = 0.8;
const SENTENCE_END = /[.!?:…]["'”’)]?$/;
const SAME_SIZE = 0.6;

/** A paragraph, list item or heading while lines are still being added to it. */
interface Draft {
  kind: 'heading' | 'item' | 'numbered' | 'paragraph';
  text: string;
  last: PdfLine;
  widest: number;
}

interface Builder {
  readonly lines: readonly PdfLine[];
  readonly layout: PdfLayout;
  readonly outline: (size: number) => number;
  readonly blocks: RootContent[];
  draft: Draft | undefined;
}

/** Builds the blocks of a document from the lines of its pages. */
export function linesToBlocks(lines: readonly PdfLine[]): RootContent[] {
  const builder: Builder = {
    lines,
    layout: measureLayout(lines),
    outline: createOutline(),
    blocks: [],
    draft: undefined,
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
  if ((builder.lines[index]?.cells.length ?? 0) < 2) return 0;
  const table = tableAt(builder.lines, index);
  if (!table) return 0;
  closeDraft(builder);
  builder.blocks.push(tableBlock(table.rows));
  return table.lines;
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
  if (draft.kind === 'heading') blocks.push(headingBlock(draft.text, outline(draft.last.size)));
  else if (draft.kind === 'paragraph') blocks.push(paragraphBlock(draft.text));
  else addItem(blocks, draft);
}

function startDraft(line: PdfLine, layout: PdfLayout): Draft {
  const text = lineText(line).trim();
  const widest = lineRight(line) - lineLeft(line);
  if (layout.isHeading(line)) return { kind: 'heading', text, last: line, widest };
  if (BULLET.test(text)) {
    return { kind: 'item', text: text.replace(BULLET, ''), last: line, widest };
  }
  if (NUMBER.test(text)) {
    return { kind: 'numbered', text: text.replace(NUMBER, ''), last: line, widest };
  }
  return { kind: 'paragraph', text, last: line, widest };
}

function continues(draft: Draft, next: Draft, layout: PdfLayout): boolean {
  const { last } = draft;
  if (Math.abs(last.size - next.last.size) > SAME_SIZE) return false;
  if (next.kind === 'heading') return draft.kind === 'heading' && isClose(draft, next, 1.5);
  if (next.kind !== 'paragraph' || draft.kind === 'heading') return false;
  if (last.page !== next.last.page)
    return !SENTENCE_END.test(draft.text) && /^\p{Ll}/u.test(next.text);
  if (!isClose(draft, next, layout.leading * PARAGRAPH_GAP)) return false;
  const isShort = lineRight(last) - lineLeft(last) < draft.widest * SHORT_LINE;
  return !(isShort && SENTENCE_END.test(draft.text));
}

function isClose(draft: Draft, next: Draft, distance: number): boolean {
  const ratio = (draft.last.y - next.last.y) / next.last.size;
  return draft.last.page === next.last.page && ratio > 0 && ratio <= distance;
}

function extend(draft: Draft, line: PdfLine): void {
  const text = lineText(line).trim();
  const isHyphenated = /\p{L}-$/u.test(draft.text) && /^\p{Ll}/u.test(text);
  draft.text = isHyphenated ? draft.text.slice(0, -1) + text : `${draft.text} ${text}`;
  draft.last = line;
  draft.widest = Math.max(draft.widest, lineRight(line) - lineLeft(line));
}

function addItem(blocks: RootContent[], draft: Draft): void {
  const ordered = draft.kind === 'numbered';
  const previous = blocks.at(-1);
  const item = { type: 'listItem' as const, children: [paragraphBlock(draft.text)] };
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
