import assert from 'node:assert/strict';
import type { ErrorCode } from '../../base/error-codes.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Journal, JournalEvent } from '../../calls/journal.ts';
import type { StoredTask } from '../../tasks/task-store.ts';

/** Where a case of a tail gives up, so that a store that never wakes it fails instead of hanging. */
const PATIENCE_MS = 10_000;

export async function rejectsWith(code: ErrorCode, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof StromError, `expected a StromError, got ${String(error)}`);
    assert.equal(error.code, code);
    return true;
  });
}

export function textsOf(events: readonly JournalEvent[]): readonly string[] {
  return events.map(({ text }) => text);
}

/** How a task ended. */
export function piecesOf(task: StoredTask | undefined): readonly string[] {
  return [...(task?.end ?? [])];
}

/** The numbers from `first` to `last`. */
export function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Follows a call until there are `count` events, or the tail ends. */
export async function follow(
  journal: Pick<Journal, 'tail'>,
  call: string,
  { after = 0, count }: { after?: number; count: number },
): Promise<readonly JournalEvent[]> {
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(PATIENCE_MS)]);
  const events: JournalEvent[] = [];
  for await (const page of journal.tail(call, after, signal)) {
    assert.ok(page.length > 0, 'a tail gave an empty page');
    events.push(...page);
    if (events.length >= count) enough.abort();
  }
  return events;
}

/** Settles like `work`, or fails when that takes too long. */
export async function soon<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const impatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: what })), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, impatience]);
  } finally {
    clearTimeout(timer);
  }
}

/** Everything a tail gives until it ends. */
export async function drain(
  tail: AsyncIterable<readonly JournalEvent[]>,
): Promise<readonly JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const page of tail) events.push(...page);
  return events;
}
