import { openLine } from './line.ts';
import { type Address, callRequest } from './requests.ts';
import type { Work } from './throughput.ts';
import { prepare, stopAll } from './throughput.ts';

export interface CallTimesJob extends Work, Address {
  /** Calls to time, one after the other. */
  readonly count: number;
}

const CALL_ID = 1;
const MICROS_PER_MS = 1000;

/** Times calls from the request to the end of the answer, in microseconds. */
export async function timeCalls({ count, ...job }: CallTimesJob): Promise<number[]> {
  // One that is checked, so that what is timed is known to work.
  const checked = await prepare({ ...job, lines: 1 });
  for (const caller of checked.callers) caller.start();
  await stopAll(checked);
  const { line, address } = await openLine(job);
  const request = callRequest(address, CALL_ID, job.request);
  const micros: number[] = [];
  while (micros.length < count) {
    const startMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      line.sink = {
        head: (status, head) => (status === 200 ? undefined : reject(new Error(head))),
        body() {},
        complete: resolve,
      };
      line.send(request);
    });
    micros.push((performance.now() - startMs) * MICROS_PER_MS);
  }
  line.close();
  return micros;
}
