/**
 * What must hold of a server once an attack is over: it lives, answers a plain call at once, and holds
 * no more than before, neither sockets, timers, listeners and whatever else emits events nor memory.
 *
 * Memory is what JavaScript holds, buffers included. What the process has of the machine tells nothing
 * after a single case: V8 and the C library keep what is free for the next burst. After two thousand
 * half handshakes a bare `node:tls` server has twice as much as before, all of it free, and more each
 * time until it levels off. The soak test tells of it over time.
 *
 * @module
 */
import type { Vitals } from './probe.ts';
import type { ProbedProcess } from './probed-process.ts';

/** How long a plain call may take, in milliseconds. */
export const MAX_CALL_MS = 100;
/** A machine that is busy with something else delays one call, and a stuck server all of them. */
const TRIES = 5;
const MAX_GROWTH = 1.2;
export const PATIENCE_MS = 5000;
const PAUSE_MS = 25;
const END_MS = 2000;

const FETCH_AGENT = Symbol.for('undici.globalDispatcher.1');

/** What can be asked what it holds: a process of the tests, or one that such a process has started. */
export type Watched = Pick<ProbedProcess, 'vitals' | 'openDescriptors' | 'exited' | 'stderr'>;

/** A process, and what it held before the attack. */
export interface BaseLine<Process extends Watched = ProbedProcess> {
  readonly process: Process;
  readonly vitals: Vitals;
  readonly openDescriptors: number;
}

/** The base line of a process that serves, once it has served something and let go of it. */
export async function baseLineAfter<Process extends Watched>(
  process: Process,
  warmUp: () => Promise<void>,
): Promise<BaseLine<Process>> {
  const descriptors = process.openDescriptors();
  await warmUp();
  const endMs = performance.now() + PATIENCE_MS;
  while (process.openDescriptors() > descriptors && performance.now() < endMs) await pause();
  return { process, openDescriptors: process.openDescriptors(), vitals: await process.vitals() };
}

/**
 * What is not as it was, in words; empty when all is well.
 *
 * @param call - a plain call of somebody else, on a connection of its own
 * @param patienceMs - how long what was open may take to be closed
 */
export async function harmOf(
  base: BaseLine<Watched>,
  call: () => Promise<void>,
  patienceMs = PATIENCE_MS,
): Promise<string[]> {
  const { process } = base;
  await closeFetchConnections();
  try {
    return await harmToLive(base, call, patienceMs);
  } catch (error) {
    // The connections of a process break before its end is known.
    if (await Promise.race([process.exited.then(() => false), pause(END_MS).then(() => true)])) {
      throw error;
    }
    return [`the process has ended: ${process.stderr}`];
  }
}

async function harmToLive(
  { process, vitals, openDescriptors }: BaseLine<Watched>,
  call: () => Promise<void>,
  patienceMs: number,
): Promise<string[]> {
  const callMs = await bestOf(call);
  const endMs = performance.now() + patienceMs;
  const isOver = (): boolean => performance.now() > endMs;
  while (process.openDescriptors() > openDescriptors && !isOver()) await pause();
  const limit = { ...vitals, heapBytes: vitals.heapBytes * MAX_GROWTH };
  let harm = growth(limit, await process.vitals());
  while (harm.length > 0 && !isOver()) {
    await pause();
    harm = growth(limit, await process.vitals());
  }
  return callMs < MAX_CALL_MS ? harm : [`a plain call takes ${callMs} ms`, ...harm];
}

/**
 * What servers that were stopped have left behind in their process; empty when nothing.
 *
 * @param birth - what the process held when no attack had begun
 * @param heapBytes - the most that one of the servers held before it was attacked
 */
export async function remainsIn(
  { process, vitals }: BaseLine,
  heapBytes: number,
): Promise<string[]> {
  const birth = { ...vitals, heapBytes: heapBytes * MAX_GROWTH };
  const endMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const now = await process.vitals();
    const remains = growth(birth, now);
    if (now.sharedTimers > 0) remains.push(`calls that wait under ${now.sharedTimers} timers`);
    if (remains.length === 0 || performance.now() > endMs) return remains;
    await pause();
  }
}

function growth(base: Vitals, now: Vitals): string[] {
  const more = Object.entries(now.counts)
    .map(([name, count]) => [name, count, base.counts[name] ?? 0] as const)
    .filter(([, count, before]) => count > before)
    .map(([name, count, before]) => `${name}: ${count} instead of ${before}`);
  if (now.heapBytes > base.heapBytes) {
    more.push(`memory: ${now.heapBytes} bytes instead of at most ${base.heapBytes}`);
  }
  return more;
}

/** How long the fastest of a few calls took, in milliseconds. */
export async function bestOf(call: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < TRIES && best >= MAX_CALL_MS; count += 1) {
    const startMs = performance.now();
    await call();
    best = Math.min(best, performance.now() - startMs);
  }
  return best;
}

/** Closes the connections that `fetch` keeps for its next request. */
export async function closeFetchConnections(): Promise<void> {
  const agent = Reflect.get(globalThis, FETCH_AGENT) as FetchAgent | undefined;
  if (agent === undefined) return;
  Reflect.set(globalThis, FETCH_AGENT, new agent.constructor());
  await agent.destroy();
}

interface FetchAgent {
  readonly constructor: new () => FetchAgent;
  destroy(): Promise<void>;
}

/** Between two looks at another process, which says nothing by itself. */
export function pause(forMs = PAUSE_MS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
