/**
 * HTML to a Markdown tree: parsed as a browser would, nothing fetched or run.
 *
 * Scripts, styles and raw HTML never survive; images that carry their bytes in
 * the address keep only their description.
 *
 * @module
 */
import type { Nodes as HastNodes, Root as HastRoot } from 'hast';
import type { Root, RootContent } from 'mdast';
import rehypeParse from 'rehype-parse';
import rehypeRemark from 'rehype-remark';
import { unified } from 'unified';
import { cleanMarkdownTree } from './clean-markdown-tree.ts';
import { promoteTableHeads } from './promote-table-heads.ts';

const parser = unified().use(rehypeParse).freeze();
const transformer = unified().use(rehypeRemark).freeze();
/** Page furniture and things that run: no part of what a reader came for. */
const DROPPED = new Set(['script', 'style', 'noscript', 'template', 'nav', 'iframe', 'object']);

/** Parses an HTML page or fragment into Markdown blocks. */
export async function htmlToBlocks(html: string): Promise<RootContent[]> {
  const page = parser.parse(html);
  dropElements(page);
  promoteTableHeads(page);
  const root = (await transformer.run(page as HastRoot)) as unknown as Root;
  cleanMarkdownTree(root);
  return root.children;
}

function dropElements(node: HastNodes): void {
  if (!('children' in node)) return;
  node.children = node.children.filter(
    (child) => child.type !== 'element' || !DROPPED.has(child.tagName),
  ) as typeof node.children;
  for (const child of node.children) dropElements(child);
}
