import type { Clock, Timer } from '../base/clock.ts';
import type { ProgressEvent } from '../protocol/call-event.ts';
import type { CallView } from './call-view.ts';

/** How fast a call may speak. Both are off by default: every awaited notification then arrives. */
export interface CallPace {
  /**
   * Most progress notifications a second. In between only the newest is kept, and it is sent when
   * its turn comes or the call ends. 0 for no limit.
   */
  readonly maxProgressPerSecond?: number;
  /**
   * Notifications that follow a write within this many milliseconds wait for one another and leave
   * as one write; 1 or 2 is a good value for tools that report thousands a second. 0 for none.
   */
  readonly burstWindowMs?: number;
}

type Reader = Pick<CallView, 'send' | 'countPaced'>;

const SECOND_MS = 1000;

/** Lets progress through at a bounded rate; the newest report always gets its turn. */
export class ProgressPacer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #reader: Reader;
  #dueMs = Number.NEGATIVE_INFINITY;
  #held: ProgressEvent | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, maxPerSecond: number, reader: Reader) {
    this.#clock = clock;
    this.#intervalMs = SECOND_MS / maxPerSecond;
    this.#reader = reader;
  }

  progress(event: ProgressEvent): Promise<void> | undefined {
    const nowMs = this.#clock.elapsed();
    if (nowMs >= this.#dueMs && this.#held === undefined) {
      this.#dueMs = nowMs + this.#intervalMs;
      return this.#reader.send(event);
    }
    if (this.#held !== undefined) this.#reader.countPaced?.();
    this.#held = event;
    this.#timer ??= this.#clock.after(Math.max(0, this.#dueMs - nowMs), () => this.#release());
    return undefined;
  }

  /** Sends what is held back, at once. */
  flush(): void {
    this.#timer?.cancel();
    this.#release();
  }

  /** Forgets what is held back: nobody is to be told any more. */
  discard(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#held = undefined;
  }

  #release(): void {
    this.#timer = undefined;
    const event = this.#held;
    if (event === undefined) return;
    this.#held = undefined;
    this.#dueMs = this.#clock.elapsed() + this.#intervalMs;
    // The pace is slower than any reader that is to be waited for.
    void this.#reader.send(event);
  }
}
