import { openLine } from './line.ts';
import { type Address, callRequest, type ToolRequest } from './requests.ts';
import type { ResponseSink } from './response-reader.ts';
import { prepare, stopAll, type ThroughputJob } from './throughput.ts';

export interface LatencyJob extends Address {
  /** Notifications to time, and the pause before each. */
  readonly total: number;
  readonly everyMs: number;
  /** What keeps the server busy meanwhile; `undefined` for an idle server. */
  readonly background?: ThroughputJob;
}

const PROBE_ID = 1_000_000;
const NANOS_PER_MICRO = 1000;
const SENT_AT = /t=(\d+)/;

/** Reads the moment each notification was emitted and compares it with the moment it came. */
class LatencySink implements ResponseSink {
  readonly micros: number[] = [];
  readonly done: Promise<void>;
  #rest = '';
  #resolve: () => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  head(): void {}

  body(bytes: Buffer, start: number, end: number): void {
    const now = process.hrtime.bigint();
    const lines = (this.#rest + bytes.toString('latin1', start, end)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const sentAt = SENT_AT.exec(line)?.[1];
      if (sentAt !== undefined) this.micros.push(Number(now - BigInt(sentAt)) / NANOS_PER_MICRO);
    }
  }

  complete(): void {
    this.#resolve();
  }
}

/**
 * Times notifications from `ctx.progress()` to the bytes at this client, in microseconds. Both ends
 * read the monotonic clock of the same machine.
 */
export async function timeNotifications(job: LatencyJob): Promise<number[]> {
  const busy = job.background === undefined ? undefined : await prepare(job.background);
  const { line, address } = await openLine(job);
  for (const caller of busy?.callers ?? []) caller.start();
  const sink = new LatencySink();
  line.sink = sink;
  const request: ToolRequest = {
    tool: 'tick',
    args: { total: job.total, everyMs: job.everyMs },
    wantsProgress: true,
  };
  line.send(callRequest(address, PROBE_ID, request));
  await sink.done;
  line.close();
  if (busy !== undefined) await stopAll(busy);
  if (sink.micros.length !== job.total) {
    throw new Error(`${sink.micros.length} of ${job.total} notifications arrived`);
  }
  return sink.micros;
}
