import type { Clock, Timer } from '../../src/base/clock.ts';

interface Task {
  readonly atMs: number;
  readonly delayMs: number;
  readonly run: () => void;
}

/** Time that passes only when told to. */
export class ManualClock implements Clock {
  #nowMs = 1_000_000;
  readonly #tasks = new Set<Task>();
  #waiters: { isMet: (delayMs: number) => boolean; resolve: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const task = { atMs: this.#nowMs + delayMs, delayMs, run };
    this.#tasks.add(task);
    const met = this.#waiters.filter(({ isMet }) => isMet(delayMs));
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
    return { cancel: () => void this.#tasks.delete(task) };
  }

  every(): Timer {
    throw new Error('the client sets no periodic timers');
  }

  /** The delays of the timers that are running. */
  get delays(): number[] {
    return [...this.#tasks].map(({ delayMs }) => delayMs);
  }

  /** Settles once a timer runs whose delay satisfies the test. */
  whenTimer(isMet: (delayMs: number) => boolean): Promise<void> {
    if (this.delays.some(isMet)) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ isMet, resolve }));
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    const due = [...this.#tasks].filter(({ atMs }) => atMs <= this.#nowMs);
    for (const task of due.toSorted((a, b) => a.atMs - b.atMs)) {
      if (this.#tasks.delete(task)) task.run();
    }
  }
}
