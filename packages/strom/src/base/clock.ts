/** A running timer; cancelling it twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Time as the library sees it, so that tests can move it by hand. All values in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment, for spans of time: they go on evenly where the time of day is set. */
  elapsed(): number;
  /**
   * Runs `task` once after `delayMs`.
   *
   * @param holdsProcess - whether the process stays alive for it, because somebody waits for what comes
   * after. Default: it does not
   */
  after(delayMs: number, task: () => void, holdsProcess?: boolean): Timer;
  /**
   * Runs `task` every `periodMs`, or every 24 days where that is longer, until cancelled. Does not keep
   * the process alive.
   */
  every(periodMs: number, task: () => void): Timer;
}

interface Unrefable {
  unref?: () => void;
}

function release(timer: unknown): void {
  (timer as Unrefable).unref?.();
}

/** Hosts run a timer with a longer delay at once. */
export const MAX_DELAY_MS = 2 ** 31 - 1;

/** A timer of any length, in as many stages as the host needs. */
function longTimer(delayMs: number, task: () => void, holdsProcess: boolean): Timer {
  const next = (): void => {
    stage = SYSTEM_CLOCK.after(delayMs - MAX_DELAY_MS, task, holdsProcess);
  };
  let stage: Timer = shortTimer(MAX_DELAY_MS, next, holdsProcess);
  return { cancel: () => stage.cancel() };
}

function shortTimer(delayMs: number, task: () => void, holdsProcess: boolean): Timer {
  const timer = setTimeout(task, delayMs);
  if (!holdsProcess) release(timer);
  return { cancel: () => clearTimeout(timer) };
}

/** The real time of the host. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delayMs, task, holdsProcess = false) =>
    (delayMs > MAX_DELAY_MS ? longTimer : shortTimer)(delayMs, task, holdsProcess),
  every(periodMs, task) {
    const timer = setInterval(task, Math.min(periodMs, MAX_DELAY_MS));
    release(timer);
    return { cancel: () => clearInterval(timer) };
  },
};
