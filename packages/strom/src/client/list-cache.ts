/**
 * Complete lists, kept as long as the server allows and no longer than until it says they changed.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/caching
 * @module
 */

export type ListMethod =
  | 'tools/list'
  | 'prompts/list'
  | 'resources/list'
  | 'resources/templates/list';

interface CachedList {
  readonly items: readonly unknown[];
  readonly freshUntilMs: number;
}

const CHANGED_BY: ReadonlyMap<string, readonly ListMethod[]> = new Map([
  ['notifications/tools/list_changed', ['tools/list']],
  ['notifications/prompts/list_changed', ['prompts/list']],
  ['notifications/resources/list_changed', ['resources/list', 'resources/templates/list']],
]);

export class ListCache {
  readonly #lists = new Map<ListMethod, CachedList>();
  readonly #changes = new Map<ListMethod, number>();

  /** A list that is still fresh. */
  fresh(method: ListMethod, nowMs: number): readonly unknown[] | undefined {
    const list = this.#lists.get(method);
    return list !== undefined && nowMs < list.freshUntilMs ? list.items : undefined;
  }

  /** How often the list has changed; ask before fetching and pass it to {@link store}. */
  changes(method: ListMethod): number {
    return this.#changes.get(method) ?? 0;
  }

  /** Keeps a list, unless it changed while it was being fetched. */
  store(method: ListMethod, list: CachedList, changesBefore: number): void {
    if (this.changes(method) === changesBefore) this.#lists.set(method, list);
  }

  /** Drops what a notification has made stale. */
  invalidate(notificationMethod: string): void {
    for (const method of CHANGED_BY.get(notificationMethod) ?? []) {
      this.#lists.delete(method);
      this.#changes.set(method, this.changes(method) + 1);
    }
  }

  clear(): void {
    for (const notificationMethod of CHANGED_BY.keys()) this.invalidate(notificationMethod);
  }
}
