import type { Clock, Timer } from '../../src/base/clock.ts';

interface Entry {
  dueMs: number;
  readonly periodMs: number | undefined;
  readonly task: () => void;
}

/** Time that stands still until a test moves it. */
export class TestClock implements Clock {
  readonly #entries = new Set<Entry>();
  #nowMs: number;
  #elapsedMs = 0;

  constructor(nowMs = 1_000_000) {
    this.#nowMs = nowMs;
  }

  /** Timers that would still fire; 0 when everything was cleared. */
  get pending(): number {
    return this.#entries.size;
  }

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, task: () => void): Timer {
    return this.#add({ dueMs: this.#elapsedMs + delayMs, periodMs: undefined, task });
  }

  every(periodMs: number, task: () => void): Timer {
    return this.#add({ dueMs: this.#elapsedMs + periodMs, periodMs, task });
  }

  /** Sets the time of day, as somebody does who corrects it: no time passes. */
  step(ms: number): void {
    this.#nowMs += ms;
  }

  /** Moves time forward and runs what is due, in order. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    for (let next = this.#nextDue(untilMs); next !== undefined; next = this.#nextDue(untilMs)) {
      this.#pass(next.dueMs);
      if (next.periodMs === undefined) this.#entries.delete(next);
      else next.dueMs += next.periodMs;
      next.task();
    }
    this.#pass(untilMs);
  }

  /** A task that is run may move time itself. */
  #pass(untilMs: number): void {
    this.#nowMs += untilMs - this.#elapsedMs;
    this.#elapsedMs = untilMs;
  }

  /** Passes time in which no timer could ring: the process was stopped, or busy. */
  jump(ms: number): void {
    this.#pass(this.#elapsedMs + ms);
    for (const entry of this.#entries) entry.dueMs += ms;
  }

  #add(entry: Entry): Timer {
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  #nextDue(untilMs: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.dueMs <= untilMs && (next === undefined || entry.dueMs < next.dueMs)) next = entry;
    }
    return next;
  }
}
