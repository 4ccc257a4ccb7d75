import { setTimeout as sleep } from 'node:timers/promises';
import { Caller } from './caller.ts';
import { type Line, openLines } from './line.ts';
import { type Address, callRequest, type ToolRequest } from './requests.ts';

/** One kind of call, and the answer it must get. */
export interface Work {
  readonly request: ToolRequest;
  readonly text: string;
  readonly notes: number;
}

export interface ThroughputJob extends Work, Address {
  /** Connections, or streams of one HTTP/2 connection. */
  readonly lines: number;
}

export interface Throughput {
  readonly answers: number;
  /** Up to the last of them: slow servers answer in waves, and a window would cut one in two. */
  readonly elapsedMs: number;
}

const STOP_TIMEOUT_MS = 10_000;

/** Lines share no session, so they may share the id: the constant answer can have only one. */
const CALL_ID = 1;

/** Lines that are open and have nothing to do yet. */
export interface Prepared {
  readonly lines: readonly Line[];
  readonly callers: readonly Caller[];
}

/** Opens the lines, and the sessions where there are any. */
export async function prepare(job: ThroughputJob): Promise<Prepared> {
  const open = await openLines(job, job.lines);
  const callers = open.map(({ line, address }) => {
    const request = callRequest(address, CALL_ID, job.request);
    return new Caller(line, request, { ...job, id: CALL_ID });
  });
  return { lines: open.map(({ line }) => line), callers };
}

/**
 * Keeps all lines busy for the given time, and leaves them open.
 *
 * @param measureMs - for how long new calls are begun; those under way are waited for
 * @throws {Error} for the first answer that is wrong, or does not come
 */
export async function measure(prepared: Prepared, measureMs: number): Promise<Throughput> {
  const { callers } = prepared;
  const before = answersOf(callers);
  const startMs = performance.now();
  for (const caller of callers) caller.start();
  await sleep(measureMs);
  await settle(prepared);
  return { answers: answersOf(callers) - before, elapsedMs: performance.now() - startMs };
}

function answersOf(callers: readonly Caller[]): number {
  return callers.reduce((sum, { answers }) => sum + answers, 0);
}

/** Waits for the calls under way, checks that all went well, and hangs up. */
export async function stopAll(prepared: Prepared): Promise<void> {
  await settle(prepared);
  hangUp(prepared);
}

export function hangUp({ lines }: Prepared): void {
  for (const line of lines) line.close();
}

async function settle({ callers }: Prepared): Promise<void> {
  const timeout = new AbortController();
  const tooLong = sleep(STOP_TIMEOUT_MS, true, { signal: timeout.signal }).catch(() => false);
  const stopped = Promise.all(callers.map((caller) => caller.stop())).then(() => false);
  const isStuck = await Promise.race([stopped, tooLong]);
  timeout.abort();
  const fault = callers.find((caller) => caller.fault !== undefined)?.fault;
  if (fault !== undefined) throw new Error(fault);
  if (isStuck) throw new Error('a call was not answered');
}
