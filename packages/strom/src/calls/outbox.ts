/**
 * The bounded buffer between calls that emit frames and a reader that takes them.
 *
 * Frames of one turn leave as one write. When the reader falls behind, awaited senders wait; for
 * the others the policy is: progress keeps the newest, logs are dropped and counted, a change that
 * waits already is not queued twice, anything else waits in full.
 *
 * @module
 */
import { afterMicrotasks } from '../base/after-microtasks.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { utf8Length } from '../base/utf8-length.ts';
import type { Pieces } from '../protocol/json-pieces.ts';
import { LongQueue, type QueueGauge } from './queue-gauge.ts';
import type { Tally } from './tally.ts';

/** Who is to be told that a reader has caught up. */
export interface Drainable {
  drained(): void;
}

/** The writing end of a stream. */
export interface OutboxTarget {
  /** Writes text; `false` when the reader is behind and `source` will be told once it is not. */
  write(text: string, source: Drainable): boolean;
  /**
   * Writes the last text, which may be empty, and closes.
   *
   * @param more - follows the text piece by piece, each when the reader has taken the one before
   */
  end(text: string, more?: Iterable<string>): void;
  /** The reader is gone; absent where nothing is kept for it. */
  gone?(): void;
}

/**
 * What may happen to a frame when the reader is behind: nothing, a newer one of its owner takes its
 * place, it is dropped and counted, or it is left out because the same frame waits already.
 */
export type FramePolicy = 'keep' | 'newest' | 'droppable' | 'once';

export interface OutboxLimits {
  /** Bytes of UTF-8 queued on one stream before progress is coalesced. Default 1 MiB. */
  readonly maxQueuedBytes: number;
  /** Bytes of UTF-8 in log lines queued on one stream before more are dropped. Default 256 KiB. */
  readonly maxQueuedLogBytes: number;
}

export const DEFAULT_OUTBOX_LIMITS: OutboxLimits = {
  maxQueuedBytes: 1024 * 1024,
  maxQueuedLogBytes: 256 * 1024,
};

/** Beyond this the frames of one turn are written before the turn ends. */
const EARLY_FLUSH_BYTES = 64 * 1024;

/** Whose frames they are: a call, mostly. */
interface FrameOwner {
  /** Counts what does not arrive. */
  readonly tally?: Tally | undefined;
}

export interface OutboxOptions {
  readonly limits?: OutboxLimits;
  /** Makes the frame that tells a reader how many log lines it missed. */
  readonly droppedNotice?: (count: number) => string;
  readonly gauge?: QueueGauge | undefined;
}

interface Waiter {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

export class Outbox implements Drainable {
  readonly #target: OutboxTarget;
  readonly #limits: OutboxLimits;
  readonly #droppedNotice: ((count: number) => string) | undefined;
  readonly #gauge: QueueGauge | undefined;
  /** Counts the last message, where that is long. */
  #long: LongQueue | undefined;
  #queue: string[] = [];
  /** Exact while the reader is behind; before, when no bound applies, a character counts as one. */
  #queuedBytes = 0;
  #queuedLogBytes = 0;
  /** Per call, the progress that did not fit; made on first need. */
  #newest: Map<object, string> | undefined;
  /** Frames that wait and need not wait twice; made on first need. */
  #once: Set<string> | undefined;
  #dropped = 0;
  #burstWindowMs = 0;
  #lastFlushMs = 0;
  #blocked = false;
  #closed = false;
  #flushPlanned = false;
  #waiter: Waiter | undefined;

  constructor(target: OutboxTarget, options: OutboxOptions = {}) {
    this.#target = target;
    this.#limits = options.limits ?? DEFAULT_OUTBOX_LIMITS;
    this.#droppedNotice = options.droppedNotice;
    this.#gauge = options.gauge;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether more waits than the bound allows for, which frames that must be kept can bring about. */
  get isOverfull(): boolean {
    return this.#queuedBytes > this.#limits.maxQueuedBytes;
  }

  /**
   * Queues one frame.
   *
   * @param owner - whose frame it is; progress is coalesced per owner, and what does not arrive is
   * told to its `tally`, if it has one
   * @returns nothing while the reader keeps up, else the promise all waiting senders share
   */
  push(frame: string, policy: FramePolicy, owner: object): Promise<void> | undefined {
    if (this.#closed) return undefined;
    if (policy === 'keep') this.#queueWhatComesFirst(owner);
    if (this.#fits(frame, policy, owner)) this.#enqueue(frame, policy, owner);
    else this.#setAside(frame, policy, owner);
    if (this.#blocked) return this.#caughtUp();
    if (this.#queuedBytes >= EARLY_FLUSH_BYTES) this.#flush();
    else this.#planFlush();
    return this.#blocked ? this.#caughtUp() : undefined;
  }

  /**
   * Waits for the reader where progress of this owner has been set aside.
   *
   * @returns nothing while it still fits, else the promise all waiting senders share
   */
  awaitRoom(owner: object): Promise<void> | undefined {
    return this.#newest?.has(owner) === true ? this.#caughtUp() : undefined;
  }

  /**
   * Lets frames that follow a write within this time wait for one another: one write for all of
   * them, at the price of that much latency. 0 writes at the end of every turn.
   */
  batchFor(burstWindowMs: number): void {
    this.#burstWindowMs = burstWindowMs;
  }

  /** Writes what is queued now instead of at the end of the turn; waits for nobody. */
  flush(): void {
    if (!this.#closed && !this.#blocked) this.#flush();
  }

  /** Writes a frame that only keeps the stream alive, unless there is something better to write. */
  keepAlive(frame: string): void {
    if (this.#closed || this.#blocked || this.#queuedBytes > 0) return;
    this.#blocked = !this.#target.write(frame, this);
  }

  /**
   * Writes everything queued and the last frame, then closes.
   *
   * @param more - the rest of the frame, where it is too long to be one text
   */
  end(lastFrame: string, more?: Pieces): void {
    if (this.#closed) return;
    const text = this.#takeAll() + lastFrame;
    this.#close();
    this.#target.end(text, more && this.#counted(more));
  }

  /** To be called by the target when the reader has caught up. */
  drained(): void {
    if (this.#closed) return;
    this.#blocked = false;
    this.#flush();
    if (!this.#blocked) this.#release();
  }

  /** To be called when the reader is gone: drops what is queued and releases all who wait. */
  gone(): void {
    this.#takeAll();
    this.#close();
    this.#long?.gone();
    this.#target.gone?.();
  }

  #counted(message: Pieces): Iterable<string> {
    if (this.#gauge === undefined) return message;
    this.#long = new LongQueue(this.#gauge);
    return this.#long.wait(message);
  }

  #close(): void {
    this.#closed = true;
    this.#release();
  }

  #fits(frame: string, policy: FramePolicy, owner: object): boolean {
    if (policy === 'once') return this.#once?.has(frame) !== true;
    // While the reader keeps up nothing stays queued beyond a turn, so nothing has to be bounded.
    if (policy === 'keep' || !this.#blocked) return true;
    if (policy === 'newest') {
      return takesAtMost(frame, this.#limits.maxQueuedBytes - this.#queuedBytes);
    }
    // A line must not overtake progress that was set aside before it.
    if (this.#newest?.has(owner) === true) return false;
    return takesAtMost(frame, this.#limits.maxQueuedLogBytes - this.#queuedLogBytes);
  }

  #enqueue(frame: string, policy: FramePolicy, owner: object): void {
    this.#queue.push(frame);
    // Nothing is queued when a reader falls behind, so no frame is counted in both ways.
    const bytes = this.#blocked ? utf8Length(frame) : frame.length;
    this.#queuedBytes += bytes;
    if (this.#gauge !== undefined) this.#gauge.bytes += bytes;
    if (policy === 'droppable') this.#queuedLogBytes += bytes;
    if (policy === 'newest') this.#forgetNewestOf(owner, frame);
    if (policy === 'once') {
      this.#once ??= new Set();
      this.#once.add(frame);
    }
  }

  #setAside(frame: string, policy: FramePolicy, owner: object): void {
    const { tally } = owner as FrameOwner;
    if (policy === 'droppable') {
      this.#dropped += 1;
      tally?.countDropped(frame);
    }
    if (policy === 'once') tally?.countCoalesced(frame);
    if (policy !== 'newest') return;
    this.#newest ??= new Map();
    const older = this.#newest.get(owner);
    if (older !== undefined) tally?.countCoalesced(older);
    this.#newest.set(owner, frame);
  }

  /** What an owner says next must overtake neither its last progress nor the news of what it missed. */
  #queueWhatComesFirst(owner: object): void {
    const frame = this.#newest?.get(owner);
    if (frame !== undefined) this.#enqueue(frame, 'newest', owner);
    const notice = this.#takeDroppedNotice();
    if (notice !== '') this.#enqueue(notice, 'keep', this);
  }

  #takeDroppedNotice(): string {
    if (this.#dropped === 0) return '';
    const notice = this.#droppedNotice?.(this.#dropped) ?? '';
    this.#dropped = 0;
    return notice;
  }

  #forgetNewestOf(owner: object, frame: string): void {
    const older = this.#newest?.get(owner);
    if (older === undefined) return;
    this.#newest?.delete(owner);
    if (older !== frame) (owner as FrameOwner).tally?.countCoalesced(older);
  }

  #caughtUp(): Promise<void> {
    if (this.#waiter === undefined) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => {
        resolve = settle;
      });
      this.#waiter = { promise, resolve };
    }
    return this.#waiter.promise;
  }

  #release(): void {
    this.#waiter?.resolve();
    this.#waiter = undefined;
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    if (this.#burstWindowMs > 0 && performance.now() - this.#lastFlushMs < this.#burstWindowMs) {
      planBurstFlush(this, this.#burstWindowMs);
    } else planFlush(this);
  }

  /** Called by the shared list at the end of a turn. */
  flushTurn(): void {
    this.#flushPlanned = false;
    if (!this.#closed && !this.#blocked) this.#flush();
  }

  #flush(): void {
    const text = this.#takeAll();
    if (text === '') return;
    if (this.#burstWindowMs > 0) this.#lastFlushMs = performance.now();
    this.#blocked = !this.#target.write(text, this);
  }

  #takeAll(): string {
    let text = this.#queue.length === 1 ? (this.#queue[0] ?? '') : this.#queue.join('');
    if (this.#newest !== undefined) for (const frame of this.#newest.values()) text += frame;
    text += this.#takeDroppedNotice();
    if (this.#gauge !== undefined) this.#gauge.bytes -= this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#queuedLogBytes = 0;
    this.#newest = undefined;
    this.#once = undefined;
    return text;
  }
}

/** Counts only where the characters alone do not tell, which spares a flood most of the counting. */
function takesAtMost(frame: string, bytes: number): boolean {
  return frame.length <= bytes && utf8Length(frame) <= bytes;
}

let dirty: Outbox[] = [];

/** One shared list for all streams: a turn that touches a thousand streams schedules one task. */
function planFlush(outbox: Outbox): void {
  if (dirty.push(outbox) === 1) afterMicrotasks(flushDirty);
}

function flushDirty(): void {
  const outboxes = dirty;
  dirty = [];
  for (const outbox of outboxes) outbox.flushTurn();
}

const bursting = new Map<number, Outbox[]>();

/** One timer for all streams with that window: they pay one wake-up together, and none waits for longer. */
function planBurstFlush(outbox: Outbox, windowMs: number): void {
  const others = bursting.get(windowMs);
  if (others !== undefined) {
    others.push(outbox);
    return;
  }
  bursting.set(windowMs, [outbox]);
  SYSTEM_CLOCK.after(windowMs, () => flushBursting(windowMs));
}

function flushBursting(windowMs: number): void {
  const outboxes = bursting.get(windowMs) ?? [];
  bursting.delete(windowMs);
  for (const outbox of outboxes) outbox.flushTurn();
}
