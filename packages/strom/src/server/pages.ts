import { type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';

/**
 * A list cut into pages that are made once: each is frozen, so that its encoded text is kept too.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination
 */
export class Pages {
  readonly #pages: ReadonlyMap<string | undefined, JsonObject>;

  /**
   * @param key - the member that holds the items, such as `tools`
   * @param pageSize - most items on a page
   */
  constructor(key: string, items: readonly unknown[], pageSize: number) {
    const pages = new Map<string | undefined, JsonObject>();
    let start = 0;
    do {
      const end = start + pageSize;
      const next = end < items.length ? { nextCursor: cursorAt(end) } : {};
      const page = Object.freeze({ [key]: items.slice(start, end), ...next });
      pages.set(start === 0 ? undefined : cursorAt(start), page);
      start = end;
    } while (start < items.length);
    this.#pages = pages;
  }

  /**
   * The page a request asks for.
   *
   * @throws {StromError} `ERR_INVALID_PARAMS` for a cursor this list never gave
   */
  page(params: JsonObject): JsonObject {
    const cursor = ownValue(params, 'cursor');
    const page = this.#pages.get(cursor as string | undefined);
    if (page === undefined) throw publicError('ERR_INVALID_PARAMS', 'Unknown cursor');
    return page;
  }
}

function cursorAt(index: number): string {
  return btoa(`page:${index}`);
}
