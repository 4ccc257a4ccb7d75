/**
 * Tells the parent process, when it asks, what this process holds. Preloaded into servers under
 * attack; keeps nothing alive by itself.
 *
 * Objects are counted as far as they can be reached: a request that was answered long ago but is still
 * held counts, and so does a timer that would not keep the process alive.
 *
 * @module
 */
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { Server } from 'node:net';
import { queryObjects } from 'node:v8';

export interface Vitals {
  readonly counts: Readonly<Record<string, number>>;
  /** Timers under which calls wait together; there may be one for each server that was called just now. */
  readonly sharedTimers: number;
  /** What JavaScript holds after garbage was collected, buffers outside of its heap included. */
  readonly heapBytes: number;
}

/** What ends within a moment is not held. */
const SETTLE_MS = 20;

const originalSetTimeout = setTimeout;

type StartTimer = (...args: unknown[]) => object;

const timers = new Set<object>();
/** The ones under which all calls wait together. They end by themselves a second after the last call. */
const sharedTimers = new Set<object>();
const SHARED = '/coarse-timer.ts';
let pruneAt = 1000;

/** Keeps the timers that were neither cleared nor have fired for the last time. */
function prune(): void {
  for (const all of [timers, sharedTimers]) {
    for (const timer of all) if (Reflect.get(timer, '_destroyed') === true) all.delete(timer);
  }
  pruneAt = 2 * timers.size + 1000;
}

function watch(name: 'setTimeout' | 'setInterval'): void {
  const original = globalThis[name] as unknown as StartTimer;
  const watched: StartTimer = (...args) => {
    const timer = original(...args);
    const isShared = name === 'setInterval' && new Error().stack?.includes(SHARED) === true;
    (isShared ? sharedTimers : timers).add(timer);
    if (timers.size > pruneAt) prune();
    return timer;
  };
  Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
  Reflect.set(globalThis, name, watched);
}

/** The class of the listeners of an `EventTarget`, such as an `AbortSignal`; it has no public name. */
function targetListenerClass(): NewableFunction {
  const target = new EventTarget();
  target.addEventListener('probe', () => undefined);
  const symbols = Object.getOwnPropertySymbols(target);
  const key = symbols.find(({ description }) => description === 'kEvents');
  const events = key === undefined ? undefined : Reflect.get(target, key);
  const listener = (events as Map<string, { next: object }> | undefined)?.get('probe')?.next;
  if (listener === undefined) throw new Error('event targets keep their listeners elsewhere');
  return listener.constructor as NewableFunction;
}

/** Listeners of what lives as long as the process or its servers. */
function longLivedListeners(): number {
  const handles = Reflect.apply(Reflect.get(process, '_getActiveHandles'), process, []);
  const servers = (handles as unknown[]).filter((handle) => handle instanceof Server);
  let count = 0;
  for (const emitter of [process, ...servers]) {
    for (const name of emitter.eventNames()) count += emitter.listenerCount(name as string);
  }
  return count;
}

function measure(): Vitals {
  prune();
  // Counting collects all garbage first.
  const emitters = Number(queryObjects(EventEmitter));
  const targetListeners = Number(queryObjects(TargetListener));
  const { heapUsed, external } = process.memoryUsage();
  return {
    counts: {
      // One of them is that of the folder itself.
      descriptors: readdirSync('/proc/self/fd').length - 1,
      emitters,
      targetListeners,
      timers: timers.size,
      longLivedListeners: longLivedListeners(),
      prototypeKeys: Reflect.ownKeys(Object.prototype).length,
    },
    sharedTimers: sharedTimers.size,
    heapBytes: heapUsed + external,
  };
}

const TargetListener = targetListenerClass();
watch('setTimeout');
watch('setInterval');
process.on('message', ({ id, command }: { id: number; command: string }) => {
  if (command !== 'vitals') return;
  originalSetTimeout(() => process.send?.({ id, value: measure() }), SETTLE_MS);
});
process.channel?.unref();
