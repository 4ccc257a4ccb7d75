import type { TaskCounts } from '../calls/observer.ts';
import type { Store } from '../server/store.ts';

/** How to count the tasks in a store, if there is one. */
export function taskCountsOf(store: Store | undefined): (() => Promise<TaskCounts>) | undefined {
  if (store === undefined) return undefined;
  return async () => ({ byPhase: await store.counts(), isShared: store.isShared });
}
