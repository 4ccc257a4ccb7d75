/**
 * What holds after every case of a suite that attacks what runs in the process of the tests itself:
 * sockets, servers, timers and child processes are as many as before the first, and what JavaScript
 * holds is at most half as much again as after the first, which loads what is loaded once: a bound no
 * tighter, because the test runner keeps something of every case in the same process. For suites whose
 * subject is no server that could run elsewhere, or whose tests look into the server.
 *
 * Imported for its effect.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, expect, vi } from 'vitest';
import { closeFetchConnections } from './recovery.ts';

const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap', 'Timeout'];
const MAX_GROWTH = 1.5;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let before: Record<string, number> = {};
let bytesBefore: number | undefined;

function openThings(): Record<string, number> {
  const open = process.getActiveResourcesInfo();
  const countOf = (name: string): number => open.filter((other) => other === name).length;
  return Object.fromEntries(WATCHED.map((name) => [name, countOf(name)]));
}

function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

beforeAll(() => {
  before = openThings();
});

afterEach(async () => {
  await closeFetchConnections();
  // The wait itself is one more timer.
  const grown = (): string[] =>
    Object.entries(openThings()).flatMap(([name, count]) =>
      count > (before[name] ?? 0) + (name === 'Timeout' ? 1 : 0) ? [name] : [],
    );
  await vi.waitFor(() => expect(grown()).toEqual([]), { timeout: 5000, interval: 25 });
  bytesBefore ??= heldBytes();
  expect(heldBytes()).toBeLessThan(bytesBefore * MAX_GROWTH);
});
