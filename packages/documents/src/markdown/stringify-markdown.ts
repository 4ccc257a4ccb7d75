/**
 * Writes a Markdown tree as text: the one place that decides on escaping.
 *
 * Bare addresses are left unescaped: a reader may turn them into links, which
 * is what they are.
 *
 * @module
 */
import type { RootContent, Table } from 'mdast';
import { gfmStrikethroughToMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmTableToMarkdown } from 'mdast-util-gfm-table';
import { gfmTaskListItemToMarkdown } from 'mdast-util-gfm-task-list-item';
import { type Handle, type Options, toMarkdown } from 'mdast-util-to-markdown';
import { tableText } from './markdown-table.ts';

/** The stock handler pads every cell to the widest of its column, or shrinks the rule to one dash. */
const writeTable: Handle = (...[node, , state, info]: Parameters<Handle>) => {
  const table = node as Table;
  const exit = state.enter('table');
  const rows = table.children.map((row) =>
    row.children.map((cell) => {
      const leave = state.enter('tableCell');
      const leavePhrasing = state.enter('phrasing');
      const text = state.containerPhrasing(cell, { ...info, before: '|', after: '|' });
      leavePhrasing();
      leave();
      return text.replaceAll('\n', ' ');
    }),
  );
  exit();
  return tableText(rows);
};

const OPTIONS: Options = {
  bullet: '-',
  emphasis: '_',
  fences: true,
  rule: '-',
  extensions: [
    gfmStrikethroughToMarkdown(),
    gfmTaskListItemToMarkdown(),
    gfmTableToMarkdown(),
    { handlers: { table: writeTable } },
  ],
};

/** Turns blocks into GitHub-flavoured Markdown that ends with one line break. */
export function stringifyMarkdown(children: RootContent[]): string {
  return `${toMarkdown({ type: 'root', children }, OPTIONS).trim()}\n`;
}
