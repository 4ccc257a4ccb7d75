/**
 * Plain text: paragraphs, underlined headings and bullet lists become Markdown;
 * anything laid out with blanks is kept as it stands.
 *
 * @module
 */
import type { Heading, ListItem, RootContent } from 'mdast';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';

const UNDERLINE = /^(=+|-+|~+)$/;
const BULLET = /^\s{0,3}[-*•]\s+/;
/** Two blanks between words, or an indented line: somebody aligned this by hand. */
const LAID_OUT = /\S {2,}\S|\t|^ {4}/;

/** Converts plain text block by block; blocks are parted by empty lines. */
export function convertText(source: Source): Conversion {
  const blocks = decodeText(source.bytes)
    .replaceAll('\f', '\n\n')
    .split(/\n[ \t]*\n+/)
    .map((block) => block.replace(/^\n+/, '').trimEnd())
    .filter((block) => block !== '');
  return { markdown: stringifyMarkdown(blocks.flatMap(blockToMarkdown)) };
}

function blockToMarkdown(block: string): RootContent[] {
  const lines = block.split('\n').map((line) => line.trimEnd());
  const [title = '', underline = '', ...rest] = lines;
  if (isHeading(title, underline)) {
    const heading = headingOf(title, underline);
    return rest.length === 0 ? [heading] : [heading, ...blockToMarkdown(rest.join('\n'))];
  }
  if (lines.every((line) => BULLET.test(line))) {
    return [{ type: 'list', spread: false, children: lines.map(listItem) }];
  }
  if (lines.some((line) => LAID_OUT.test(line))) return [{ type: 'code', value: lines.join('\n') }];
  return [paragraph(lines.map((line) => line.trim()).join('\n'))];
}

function isHeading(title: string, underline: string): boolean {
  const ruled = UNDERLINE.test(underline) && underline.length >= 3;
  return ruled && title.trim() !== '' && underline.length >= title.trim().length - 2;
}

function headingOf(title: string, underline: string): Heading {
  const depth = underline.startsWith('=') ? 1 : 2;
  return { type: 'heading', depth, children: [{ type: 'text', value: title.trim() }] };
}

function listItem(line: string): ListItem {
  return { type: 'listItem', children: [paragraph(line.replace(BULLET, ''))] };
}

function paragraph(value: string): {
  type: 'paragraph';
  children: [{ type: 'text'; value: string }];
} {
  return { type: 'paragraph', children: [{ type: 'text', value }] };
}
