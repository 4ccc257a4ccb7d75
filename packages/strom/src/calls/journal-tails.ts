import type { Journal, JournalEvent } from './journal.ts';

/**
 * Tails of journals for stores that can read and can say when there is something new: each consumer
 * reads at its own pace, and only the fact that there is more waits for it.
 */
export class JournalTails {
  readonly #read: Journal['read'];
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(read: Journal['read']) {
    this.#read = read;
  }

  /** Whether anybody follows a call. */
  isFollowed(call: string): boolean {
    return this.#waiting.has(call);
  }

  /** Tells those who follow a call that its journal has grown, or is gone. */
  wake(call: string): void {
    for (const wake of [...(this.#waiting.get(call) ?? [])]) wake();
  }

  /** Tells everybody. */
  wakeAll(): void {
    for (const call of [...this.#waiting.keys()]) this.wake(call);
  }

  /**
   * @param exists - whether the call is still there; asked when its journal has nothing new
   * @see {@link Journal.tail}
   */
  async *tail(
    call: string,
    after: number,
    { signal, exists }: { signal: AbortSignal; exists: (call: string) => boolean },
  ): AsyncGenerator<readonly JournalEvent[]> {
    const bell = this.#listen(call, signal);
    try {
      let last = after;
      while (!signal.aborted) {
        const rung = bell.next();
        const events = await this.#read(call, last);
        const newest = events.at(-1);
        if (newest !== undefined) {
          last = newest.seq;
          yield events;
        } else if (exists(call)) await rung;
        else return;
      }
    } finally {
      bell.stop();
    }
  }

  #listen(call: string, signal: AbortSignal): { next(): Promise<void>; stop(): void } {
    let ring: () => void = () => undefined;
    const wake = (): void => ring();
    const listeners = this.#waiting.get(call) ?? new Set();
    this.#waiting.set(call, listeners.add(wake));
    signal.addEventListener('abort', wake);
    return {
      next: () =>
        new Promise((resolve) => {
          ring = resolve;
        }),
      stop: () => {
        signal.removeEventListener('abort', wake);
        listeners.delete(wake);
        if (listeners.size === 0 && this.#waiting.get(call) === listeners) {
          this.#waiting.delete(call);
        }
      },
    };
  }
}
