/**
 * Writes a Markdown tree as text: the one place that decides on escaping.
 *
 * @module
 */
import type { Root, RootContent, Table } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkStringify, { type Options } from 'remark-stringify';
import { unified } from 'unified';
import { tableText } from './markdown-table.ts';

type TableHandler = NonNullable<NonNullable<Options['handlers']>['table']>;

/** The stock handler pads every cell to the widest of its column, or shrinks the rule to one dash. */
const writeTable: TableHandler = (...[node, , state, info]: Parameters<TableHandler>) => {
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

const processor = unified()
  .use(remarkGfm)
  .use(remarkStringify, {
    bullet: '-',
    emphasis: '_',
    fences: true,
    rule: '-',
    handlers: { table: writeTable },
  })
  .freeze();

/** Turns blocks into GitHub-flavoured Markdown that ends with one line break. */
export function stringifyMarkdown(children: RootContent[]): string {
  const root: Root = { type: 'root', children };
  return `${processor.stringify(root).trim()}\n`;
}
