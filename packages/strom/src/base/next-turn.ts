interface TurnHost {
  setImmediate?: (task: () => void) => unknown;
}

const { setImmediate } = globalThis as TurnHost;

/** Resolves after the host has had a turn for its I/O. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
