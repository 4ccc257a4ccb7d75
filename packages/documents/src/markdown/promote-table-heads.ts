/**
 * Gives every table a head, which Markdown cannot do without.
 *
 * @module
 */
import type { Element, Nodes } from 'hast';

/** Makes the first row the head of tables that have none, in place. */
export function promoteTableHeads(node: Nodes): void {
  if (!('children' in node)) return;
  if (node.type === 'element' && node.tagName === 'table') promote(node);
  for (const child of node.children) promoteTableHeads(child);
}

function promote(table: Element): void {
  const [first] = elementsOf(table, 'tr');
  const [head] = elementsOf(table, 'th');
  if (!first || head) return;
  for (const cell of first.children) {
    if (cell.type === 'element' && cell.tagName === 'td') cell.tagName = 'th';
  }
}

/** Elements of this table; those of tables inside it are left out. */
function* elementsOf(parent: Element, name: string): Generator<Element> {
  for (const child of parent.children) {
    if (child.type !== 'element' || child.tagName === 'table') continue;
    if (child.tagName === name) yield child;
    yield* elementsOf(child, name);
  }
}
