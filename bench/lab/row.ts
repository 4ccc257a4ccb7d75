import type { Against } from './contenders.ts';

/** One question of the bench. */
export type WorkName =
  | 'json-call'
  | 'json-call-checked'
  | 'auth-key'
  | 'auth-token'
  | 'notify-100'
  | 'notify-100-awaited'
  | 'notify-immediate'
  | 'notify-immediate-window'
  | 'latency-saturated-p50'
  | 'latency-saturated-p99'
  | 'idle-stream-rss'
  | 'idle-stream-heap'
  | 'flood-memory'
  | 'third-client'
  | 'https-echo'
  | 'h2-echo'
  | 'workers-2'
  | 'store-durable'
  | 'store-batched'
  | 'store-tail-p50'
  | 'store-tail-p99';

export type Unit = 'calls/s' | 'events/s' | 'us' | 'kB' | 'MB';

/** One line of `out/latest.json`: Strom beside one other server at one work. */
export interface Row {
  readonly work: WorkName;
  readonly against: Against;
  /** Strom divided by the other: the median of the ratios of the rounds. */
  readonly ratio: number;
  /** The lowest and the highest ratio of a round. */
  readonly spread: readonly [lowest: number, highest: number];
  readonly rounds: number;
  /** Of {@link Row.strom} and {@link Row.other}, the medians of both sides. */
  readonly unit: Unit;
  readonly strom: number;
  readonly other: number;
  /** Microseconds of server CPU per call, where calls were counted. */
  readonly stromCpuMicros?: number;
  readonly otherCpuMicros?: number;
  /** The median of the rounds' ratios of CPU per call; steadier than the rate on a busy machine. */
  readonly cpuRatio?: number;
}
