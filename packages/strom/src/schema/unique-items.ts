import type { FuncKeywordDefinition } from 'ajv';
import { canonicalJson } from '../base/canonical-json.ts';

const KEYWORD = 'uniqueItems';

/**
 * `uniqueItems` in time proportional to the items. Ajv compares each item with each: a body of 4 MiB
 * would hold up the process for hours.
 */
const UNIQUE_ITEMS: FuncKeywordDefinition = {
  keyword: KEYWORD,
  type: 'array',
  schemaType: 'boolean',
  validate: (isWanted: boolean, items: readonly unknown[]) => !isWanted || areUnique(items),
  error: { message: 'must NOT have duplicate items' },
};

interface KeywordHost {
  removeKeyword(keyword: string): unknown;
  addKeyword(definition: FuncKeywordDefinition): unknown;
}

/** Puts the keyword in the place of the validator's own. */
export function replaceUniqueItems<Host extends KeywordHost>(host: Host): Host {
  host.removeKeyword(KEYWORD);
  host.addKeyword(UNIQUE_ITEMS);
  return host;
}

function areUnique(items: readonly unknown[]): boolean {
  const plain = new Set<unknown>();
  const texts = new Set<string>();
  for (const item of items) {
    if (typeof item === 'object' && item !== null) texts.add(canonicalJson(item));
    else plain.add(item);
  }
  return plain.size + texts.size === items.length;
}
