/**
 * Writes a Markdown tree as text: the one place that decides on escaping.
 *
 * @module
 */
import type { Root, RootContent } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';

const processor = unified()
  // Aligned pipes would pad every cell to the widest one of its column.
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, { bullet: '-', emphasis: '_', fences: true, rule: '-' })
  .freeze();

/** Turns blocks into GitHub-flavoured Markdown that ends with one line break. */
export function stringifyMarkdown(children: RootContent[]): string {
  const root: Root = { type: 'root', children };
  return `${processor.stringify(root).trim()}\n`;
}
