interface TurnHost {
  process?: { nextTick?: (task: () => void) => void };
}

const nextTick = (globalThis as TurnHost).process?.nextTick;

/**
 * Runs `task` after every microtask that is ready now, before any I/O.
 *
 * The microtask hop matters: called from a socket callback, a bare `nextTick` would run before a
 * handler had its first chance to continue, and a burst of notifications would become one write
 * each instead of one write for all.
 */
export const afterMicrotasks: (task: () => void) => void = nextTick
  ? (task) => queueMicrotask(() => nextTick(task))
  : (task) => void setTimeout(task, 0);
