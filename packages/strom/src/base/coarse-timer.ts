import type { Clock, Timer } from './clock.ts';
import { type Member, Roster } from './roster.ts';

/** How late a task may run. */
const PERIOD_MS = 1_000;

class Waiting implements Timer, Member {
  place: number | undefined = undefined;
  readonly #all: Roster<Waiting>;
  readonly dueMs: number;
  readonly task: () => void;

  constructor(all: Roster<Waiting>, dueMs: number, task: () => void) {
    this.#all = all;
    this.dueMs = dueMs;
    this.task = task;
    all.add(this);
  }

  cancel(): void {
    this.#all.delete(this);
  }
}

/** Everything that waits for its time, under one timer; calls are too short for one each. */
class CoarseTimers {
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #waiting = new Roster<Waiting>();
  #timer: Timer | undefined;

  constructor(clock: Clock, now: () => number) {
    this.#clock = clock;
    this.#now = now;
  }

  add(dueMs: number, task: () => void): Timer {
    this.#timer ??= this.#clock.every(PERIOD_MS, () => this.#look());
    return new Waiting(this.#waiting, dueMs, task);
  }

  /** The timer is stopped here and not in `cancel`, where it would start again with the next call. */
  #look(): void {
    const nowMs = this.#now();
    for (const waiting of this.#waiting) {
      if (waiting.dueMs > nowMs) continue;
      waiting.cancel();
      waiting.task();
    }
    if (this.#waiting.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

interface TimersOfClock {
  readonly byTimeOfDay: CoarseTimers;
  readonly bySpan: CoarseTimers;
}

const timers = new WeakMap<Clock, TimersOfClock>();

/** Runs `task` within a second after a time of day, in milliseconds since the epoch. */
export function coarseTimerAt(clock: Clock, atMs: number, task: () => void): Timer {
  return timersOf(clock).byTimeOfDay.add(atMs, task);
}

/** Runs `task` when `delayMs` have passed, or up to a second later. */
export function coarseTimer(clock: Clock, delayMs: number, task: () => void): Timer {
  return timersOf(clock).bySpan.add(clock.elapsed() + delayMs, task);
}

function timersOf(clock: Clock): TimersOfClock {
  let shared = timers.get(clock);
  if (shared === undefined) {
    shared = {
      byTimeOfDay: new CoarseTimers(clock, () => clock.now()),
      bySpan: new CoarseTimers(clock, () => clock.elapsed()),
    };
    timers.set(clock, shared);
  }
  return shared;
}
