/**
 * One slide as Markdown blocks.
 *
 * @module
 */
import type { Blockquote, List, Paragraph, RootContent, TableRow } from 'mdast';
import { childOf, descendants, type XmlElement } from '../archive/xml-tree.ts';

interface Line {
  readonly text: string;
  readonly level: number;
}

/** Placeholders that repeat on every slide and say nothing about it. */
const FURNITURE = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

/** Renders a slide: its title as a heading, then text, lists and tables in drawing order. */
export function slideToBlocks(slide: XmlElement, number: number): RootContent[] {
  let title = '';
  const blocks: RootContent[] = [];
  for (const shape of shapesOf(slide)) {
    const kind = placeholderOf(shape);
    const lines = linesOf(shape);
    if (FURNITURE.has(kind)) continue;
    if ((kind === 'title' || kind === 'ctrTitle') && title === '') {
      title = lines.map((line) => line.text).join(' ');
      continue;
    }
    for (const table of descendants(shape, 'tbl')) blocks.push(tableOf(table));
    if (shape.name === 'sp') blocks.push(...linesToBlocks(lines, kind));
  }
  const heading = title === '' ? `Slide ${number}` : `Slide ${number}: ${title}`;
  return [{ type: 'heading', depth: 2, children: [{ type: 'text', value: heading }] }, ...blocks];
}

/** Renders the speaker notes of a slide as a quotation. */
export function notesToBlocks(notes: XmlElement): Blockquote[] {
  const lines: Line[] = [];
  for (const shape of shapesOf(notes)) {
    if (!FURNITURE.has(placeholderOf(shape))) lines.push(...linesOf(shape));
  }
  if (lines.length === 0) return [];
  return [{ type: 'blockquote', children: lines.map((line) => paragraph(line.text)) }];
}

function* shapesOf(slide: XmlElement): Generator<XmlElement> {
  for (const child of slide.children) {
    if (child.name === 'sp' || child.name === 'graphicFrame') yield child;
    else yield* shapesOf(child);
  }
}

function placeholderOf(shape: XmlElement): string {
  const [placeholder] = descendants(shape, 'ph');
  return placeholder === undefined ? '' : (placeholder.attributes['type'] ?? 'body');
}

function linesOf(shape: XmlElement): Line[] {
  const body = childOf(shape, 'txBody');
  if (!body) return [];
  const lines: Line[] = [];
  for (const paragraphElement of descendants(body, 'p')) {
    const text = textOf(paragraphElement).trim();
    const level = Number(childOf(paragraphElement, 'pPr')?.attributes['lvl'] ?? 0);
    if (text !== '') lines.push({ text, level: Math.min(Math.max(Math.trunc(level) || 0, 0), 8) });
  }
  return lines;
}

function textOf(element: XmlElement): string {
  let text = '';
  for (const child of element.children) {
    if (child.name === 't') text += child.text;
    else if (child.name === 'br') text += ' ';
    else text += textOf(child);
  }
  return text;
}

/** A body placeholder with several lines is a bullet list; a free text box is prose. */
function linesToBlocks(lines: readonly Line[], kind: string): RootContent[] {
  const isList = lines.length > 1 && (kind === 'body' || kind === 'obj');
  if (!isList) return lines.map((line) => paragraph(line.text));
  return [listOf(lines)];
}

function listOf(lines: readonly Line[]): List {
  const root: List = { type: 'list', spread: false, children: [] };
  const open: List[] = [root];
  for (const line of lines) {
    open.length = Math.min(open.length, line.level + 1);
    let list = open.at(-1) ?? root;
    const parent = list.children.at(-1);
    if (open.length < line.level + 1 && parent) {
      list = { type: 'list', spread: false, children: [] };
      parent.children.push(list);
      open.push(list);
    }
    list.children.push({ type: 'listItem', spread: false, children: [paragraph(line.text)] });
  }
  return root;
}

function tableOf(table: XmlElement): RootContent {
  const rows: TableRow[] = [...descendants(table, 'tr')].map((row) => ({
    type: 'tableRow',
    children: row.children
      .filter((cell) => cell.name === 'tc')
      .map((cell) => ({ type: 'tableCell', children: [{ type: 'text', value: cellText(cell) }] })),
  }));
  return { type: 'table', children: rows };
}

function cellText(cell: XmlElement): string {
  return [...descendants(cell, 'p')].map(textOf).join(' ').trim();
}

function paragraph(value: string): Paragraph {
  return { type: 'paragraph', children: [{ type: 'text', value }] };
}
