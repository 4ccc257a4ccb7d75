/**
 * Whether a task gets on from one attempt to the next. A value under a name that was not there before,
 * such as that of a step, is an advance; the attempt of the last one is kept beside the values.
 *
 * @module
 */
import type { Claim, Texts } from './task-store.ts';

/** Not a name of a step: those have a prefix. */
const NAME = 'advanced';

/** What to keep with the first new value of an attempt. */
export function advanceMark({ task }: Claim): Texts {
  return { [NAME]: String(task.attempt) };
}

/** How often a claimed task was begun since it last advanced, this time included. */
export function attemptsSinceAdvance({ checkpoint, task }: Claim): number {
  return task.attempt - Number(checkpoint[NAME] ?? 0);
}
