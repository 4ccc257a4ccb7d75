/**
 * Tells the parent process, when it asks, what this process holds. Preloaded into servers under
 * attack; keeps nothing alive by itself.
 *
 * Objects are counted as far as they can be reached: a request that was answered long ago but is still
 * held counts, and so does a timer that would not keep the process alive.
 *
 * @module
 */
import { EventEmitter, getEventListeners } from 'node:events';
import { Server } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LiveSet } from './live-set.ts';
import { openDescriptors } from './open-descriptors.ts';

export interface Vitals {
  readonly counts: Readonly<Record<string, number>>;
  /** Timers under which calls wait together; there may be one for each server that was called just now. */
  readonly sharedTimers: number;
  /** What JavaScript holds after garbage was collected, buffers outside of its heap included. */
  readonly heapBytes: number;
}

type StartTimer = (...args: unknown[]) => object;
type Listen = (this: EventTarget, type: string, ...rest: unknown[]) => void;

/** What ends within a moment is not held. */
const SETTLE_MS = 20;
const SHARED = '/coarse-timer.';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const originalSetTimeout = setTimeout;

const isRunning = (timer: object): boolean => Reflect.get(timer, '_destroyed') !== true;
const timers = new LiveSet(isRunning);
/** The ones under which all calls wait together. They end by themselves a second after the last call. */
const sharedTimers = new LiveSet(isRunning);
const emitters = new LiveSet();
const targets = new LiveSet();
const typesOf = new WeakMap<object, Set<string>>();

function watchTimers(name: 'setTimeout' | 'setInterval'): void {
  const original = globalThis[name] as unknown as StartTimer;
  const watched: StartTimer = (...args) => {
    const timer = original(...args);
    const isShared = name === 'setInterval' && new Error().stack?.includes(SHARED) === true;
    (isShared ? sharedTimers : timers).add(timer);
    return timer;
  };
  Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
  Reflect.set(globalThis, name, watched);
}

/** Every emitter is made by this function, which is public for the sake of the module `domain`. */
function watchEmitters(): void {
  const original = Reflect.get(EventEmitter, 'init') as (this: object, options: unknown) => void;
  Reflect.set(EventEmitter, 'init', function init(this: object, options: unknown): void {
    emitters.add(this);
    original.call(this, options);
  });
}

function watchTargets(): void {
  const original = EventTarget.prototype.addEventListener as Listen;
  const watched: Listen = function addEventListener(type, ...rest) {
    const types = typesOf.get(this) ?? new Set();
    if (types.size === 0) targets.add(this);
    typesOf.set(this, types.add(type));
    original.call(this, type, ...rest);
  };
  Reflect.set(EventTarget.prototype, 'addEventListener', watched);
}

/** Listeners of what is no emitter, such as an `AbortSignal`. */
function targetListeners(): number {
  let count = 0;
  for (const target of targets.members()) {
    for (const type of typesOf.get(target) ?? []) {
      count += getEventListeners(target as EventTarget, type).length;
    }
  }
  return count;
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

/** What emits events, by class: connections, requests, answers, streams, servers. */
function liveEmitters(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const emitter of emitters.members()) {
    const name = `emitters of ${emitter.constructor.name}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function measure(): Vitals {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return {
    counts: {
      ...liveEmitters(),
      descriptors: openDescriptors(),
      targetListeners: targetListeners(),
      timers: timers.members().length,
      longLivedListeners: longLivedListeners(),
      prototypeKeys: Reflect.ownKeys(Object.prototype).length,
    },
    sharedTimers: sharedTimers.members().length,
    heapBytes: heapUsed + external,
  };
}

watchTimers('setTimeout');
watchTimers('setInterval');
watchEmitters();
watchTargets();
process.on('message', ({ id, command }: { id: number; command: string }) => {
  if (command !== 'vitals') return;
  originalSetTimeout(() => process.send?.({ id, value: measure() }), SETTLE_MS);
});
process.channel?.unref();
