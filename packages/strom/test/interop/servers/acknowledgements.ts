/**
 * Where a tool waits until its caller has said that a notification arrived. A notification that is
 * held back is never acknowledged, and the tool never goes on.
 */
export class Acknowledgements {
  readonly #given = new Map<string, string>();
  readonly #waiting = new Map<string, (value: string) => void>();

  /** Resolves with the value given for a key, before or after. */
  wait(key: string): Promise<string> {
    const given = this.#given.get(key);
    if (given !== undefined) return Promise.resolve(given);
    return new Promise((resolve) => {
      this.#waiting.set(key, resolve);
    });
  }

  give(key: string, value = ''): void {
    this.#given.set(key, value);
    this.#waiting.get(key)?.(value);
    this.#waiting.delete(key);
  }
}

/** Resolves once a signal is aborted, with its reason. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}
