import type { Store } from '../../../src/server/store.ts';
import type { NewTask } from '../../../src/tasks/task-store.ts';

export const ROOM = { maxPerOwner: 100_000, maxInAll: 100_000 } as const;
export const LEASE = { holder: 'test', durationMs: 600_000 } as const;

export function newTask(id: string): NewTask {
  return {
    id,
    owner: 'owner',
    kind: 'kind',
    request: '{}',
    createdAtMs: Date.now(),
    expiresAtMs: undefined,
    checkpoint: {},
    answers: {},
  };
}

/** Makes a task and claims it. */
export async function claimed(store: Store, id: string): Promise<number> {
  const created = await store.create(newTask(id), { ...ROOM, lease: LEASE });
  if (!created.isNew || created.claim === undefined) throw new Error(`${id} is there already`);
  return created.claim.fence;
}

/** All events of a call. */
export async function allEvents(
  store: Store,
  call: string,
): Promise<{ seq: number; text: string }[]> {
  const events: { seq: number; text: string }[] = [];
  for (;;) {
    const page = await store.read(call, events.at(-1)?.seq ?? 0);
    if (page.length === 0) return events;
    events.push(...page);
  }
}
