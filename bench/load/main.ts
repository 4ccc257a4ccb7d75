/**
 * The load process: does what the bench asks over IPC, one job at a time, on a core of its own.
 *
 * @module
 */
import { type CallTimesJob, timeCalls } from './call-times.ts';
import { type LatencyJob, timeNotifications } from './latency.ts';
import type { Line } from './line.ts';
import type { Address } from './requests.ts';
import { openReadFlood, openStreams, openUnreadFlood } from './streams.ts';
import {
  hangUp,
  measure,
  type Prepared,
  prepare,
  type Throughput,
  type ThroughputJob,
} from './throughput.ts';

/** By the name of who is measured on them. */
const prepared = new Map<string, Prepared>();
let held: readonly Line[] = [];

/** What the bench can ask for. */
export const JOBS = {
  /** Opens the lines of a throughput job, so that opening them costs no measured time. */
  async prepare({ name, ...job }: ThroughputJob & { name: string }): Promise<void> {
    prepared.set(name, await prepare(job));
  },
  measure({ name, measureMs }: { name: string; measureMs: number }): Promise<Throughput> {
    const lines = prepared.get(name);
    if (lines === undefined) throw new Error(`nothing is prepared for ${name}`);
    return measure(lines, measureMs);
  },
  async hangUp(name: string): Promise<void> {
    const lines = prepared.get(name);
    if (lines !== undefined) hangUp(lines);
    prepared.delete(name);
  },
  latency: (job: LatencyJob): Promise<number[]> => timeNotifications(job),
  callTimes: (job: CallTimesJob): Promise<number[]> => timeCalls(job),
  async holdStreams({ count, ...address }: Address & { count: number }): Promise<void> {
    held = await openStreams(address, count);
  },
  async flood({ total, ...address }: Address & { total: number }): Promise<void> {
    held = [await openUnreadFlood(address, total)];
  },
  /** One flood that is read as fast as it comes, and one that is not read. */
  async floods({ total, ...address }: Address & { total: number }): Promise<void> {
    held = [await openReadFlood(address, total), await openUnreadFlood(address, total)];
  },
  /** Hangs up on everything that is held. */
  async release(): Promise<void> {
    for (const line of held) line.close();
    held = [];
  },
};

export type Jobs = typeof JOBS;

interface Question {
  readonly id: number;
  readonly method: keyof Jobs;
  readonly params: never;
}

async function answer({ id, method, params }: Question): Promise<void> {
  try {
    process.send?.({ id, result: await JOBS[method](params) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
}

process.on('message', (question: Question) => void answer(question));
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: 0 });
