import type { Clock } from './clock.ts';
import type { LoadWatch } from './load-watch.ts';

/** What a process knows of its memory. */
export interface Heap {
  /** How much of the heap is in use, from 0 to 1; garbage included. */
  use(): number;
  /** Frees what is garbage, at once. */
  collect(): void;
}

export interface HeapWatchOptions {
  readonly heap: Heap;
  readonly clock: Clock;
  /** From this use on the process is overloaded. */
  readonly maxUse: number;
}

/** How old a reading may be. */
const PERIOD_MS = 250;
/** How long the host may take to free garbage by itself. */
const PATIENCE_MS = 1_000;
const COLLECT_PERIOD_MS = 2_000;
/** Of the time, collecting takes no more than one part in so many. */
const COLLECT_SHARE = 10;

/**
 * Watches how full the heap is. It has no timer: it looks when it is asked, which is whenever a call
 * comes, and believes what it saw for 250 ms.
 *
 * A host may leave garbage where it is for as long as nobody needs the space, and an overloaded server
 * needs none: it refuses. So garbage is collected now and then until the use falls.
 */
export class HeapWatch implements LoadWatch {
  readonly #options: HeapWatchOptions;
  #isOverloaded = false;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #collectAtMs = Number.POSITIVE_INFINITY;

  constructor(options: HeapWatchOptions) {
    this.#options = options;
  }

  get isOverloaded(): boolean {
    const nowMs = this.#options.clock.elapsed();
    if (nowMs - this.#readAtMs >= PERIOD_MS) this.#look(nowMs);
    return this.#isOverloaded;
  }

  #look(nowMs: number): void {
    const { heap, maxUse } = this.#options;
    this.#readAtMs = nowMs;
    const wasOverloaded = this.#isOverloaded;
    this.#isOverloaded = heap.use() >= maxUse;
    if (!this.#isOverloaded) return;
    if (!wasOverloaded) this.#collectAtMs = nowMs + PATIENCE_MS;
    if (nowMs < this.#collectAtMs) return;
    const startMs = performance.now();
    heap.collect();
    const tookMs = performance.now() - startMs;
    this.#collectAtMs = nowMs + Math.max(COLLECT_PERIOD_MS, tookMs * COLLECT_SHARE);
    this.#isOverloaded = heap.use() >= maxUse;
  }
}
