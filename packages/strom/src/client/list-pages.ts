/**
 * All pages of a list, from servers that may page badly: cursors that repeat, lists without end,
 * items without a name.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { jsonChars } from '../protocol/json-size.ts';

const MAX_PAGES = 1_000;

export interface PageReader {
  /** Fetches one page. */
  readonly fetchPage: (params: JsonObject) => Promise<JsonObject>;
  /** The member of a page that holds the items. */
  readonly itemsKey: string;
  /** The member every item must have, a string. */
  readonly nameKey: string;
  readonly now: () => number;
  /** About how many characters of JSON all pages together may have. */
  readonly maxChars: number;
}

export interface CompleteList {
  readonly items: readonly JsonObject[];
  /** When the first of the pages becomes stale. */
  readonly freshUntilMs: number;
}

function ttlMsOf(page: JsonObject): number {
  const ttlMs = ownValue(page, 'ttlMs');
  return typeof ttlMs === 'number' && ttlMs > 0 ? ttlMs : 0;
}

function itemsOf(page: JsonObject, { itemsKey, nameKey }: PageReader): JsonObject[] {
  const items = ownValue(page, itemsKey);
  if (!Array.isArray(items)) throw new StromError('ERR_PROTOCOL', `a page without ${itemsKey}`);
  return items.filter(
    (item): item is JsonObject => isJsonObject(item) && typeof ownValue(item, nameKey) === 'string',
  );
}

/**
 * Fetches page after page.
 *
 * @throws {StromError} `ERR_PROTOCOL` when a cursor comes twice or there are more than 1,000 pages,
 * `ERR_FRAME_TOO_LARGE` when they are too large together
 */
export async function fetchAllPages(reader: PageReader): Promise<CompleteList> {
  const items: JsonObject[] = [];
  const seen = new Set<string>();
  let freshUntilMs = Number.POSITIVE_INFINITY;
  let params: JsonObject = {};
  let roomChars = reader.maxChars;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await reader.fetchPage(params);
    roomChars -= jsonChars(page, roomChars);
    if (roomChars <= 0)
      throw new StromError('ERR_FRAME_TOO_LARGE', 'the pages of a list exceed the bound');
    freshUntilMs = Math.min(freshUntilMs, reader.now() + ttlMsOf(page));
    for (const item of itemsOf(page, reader)) items.push(item);
    const cursor = ownValue(page, 'nextCursor');
    // Any string is a cursor, the empty one too.
    if (typeof cursor !== 'string') return { items, freshUntilMs };
    if (seen.has(cursor)) throw new StromError('ERR_PROTOCOL', 'a list repeats its cursor');
    seen.add(cursor);
    params = { cursor };
  }
  throw new StromError('ERR_PROTOCOL', `a list has more than ${MAX_PAGES} pages`);
}
