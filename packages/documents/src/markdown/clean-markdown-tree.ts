/**
 * Takes out of a Markdown tree what must not reach a reader.
 *
 * @module
 */
import type { Nodes, Root, RootContent } from 'mdast';

/** Schemes a link may have; a relative address has none. */
const SAFE_SCHEMES = new Set(['http', 'https', 'mailto', 'tel', 'ftp', 'doc']);

/**
 * Replaces images by their description where the address is not a web address,
 * unwraps links to unsafe schemes and drops raw HTML, in place.
 */
export function cleanMarkdownTree(root: Root): void {
  cleanChildren(root);
}

function cleanChildren(node: Nodes): void {
  if (!('children' in node)) return;
  const cleaned: Nodes[] = [];
  for (const child of node.children as Nodes[]) {
    cleanChildren(child);
    cleaned.push(...cleanNode(child));
  }
  node.children = cleaned as RootContent[] as never;
}

function cleanNode(node: Nodes): Nodes[] {
  switch (node.type) {
    case 'html':
      return [];
    case 'image':
      if (node.url !== '' && isSafeAddress(node.url)) return [node];
      return node.alt ? [{ type: 'text', value: node.alt }] : [];
    case 'link':
      if (isSafeAddress(node.url)) return [node];
      return node.children;
    default:
      return [node];
  }
}

function isSafeAddress(address: string): boolean {
  // Browsers ignore control characters and blanks when they look for the scheme.
  const bare = [...address].filter((char) => char > ' ' && char !== '\u007f').join('');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(bare)?.[1];
  return scheme === undefined || SAFE_SCHEMES.has(scheme.toLowerCase());
}
