/**
 * What holds for every suite of faults: when its last case is over, the process has no more sockets,
 * listeners and timers than before the first, and little more memory.
 *
 * Imported for its effect.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, vi } from 'vitest';

const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap'];
const LEAST_BYTES = 24 * 1024 * 1024;
const SHARE = 0.2;

let before: ReturnType<typeof openThings> | undefined;
let heapBefore = 0;

function openThings(): Record<string, number> {
  const counts = Object.fromEntries(WATCHED.map((name) => [name, 0]));
  for (const name of process.getActiveResourcesInfo()) {
    if (name in counts) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

beforeAll(() => {
  before = openThings();
  heapBefore = heapBytes();
});

afterAll(async () => {
  // A client that keeps its connection for the next request lets go of it after some seconds.
  await vi.waitFor(() => expect(openThings()).toEqual(before), { timeout: 8000, interval: 50 });
  expect(heapBytes()).toBeLessThan(heapBefore * (1 + SHARE) + LEAST_BYTES);
});
