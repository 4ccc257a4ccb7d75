/**
 * What holds after every case of a suite that attacks what runs in the process of the tests itself:
 * sockets, servers, timers, child processes and listeners are as many as before the first, what
 * JavaScript holds is at most a fifth more than after the first, which loads what is loaded once, and a
 * plain call to a server in this process is answered at once. For suites whose subject is no server that
 * could run elsewhere, or whose tests look into the server.
 *
 * Imported for its effect.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { startStrom } from '../../harness/start-strom.ts';
import { bestOf, closeFetchConnections, MAX_CALL_MS } from './recovery.ts';

const WATCHED = ['TCPSocketWrap', 'TCPServerWrap', 'TLSWrap', 'PipeWrap', 'ProcessWrap', 'Timeout'];
const MAX_GROWTH = 1.2;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let before: Record<string, number> | undefined;
let bytesBefore: number | undefined;

function openThings(): Record<string, number> {
  const open = process.getActiveResourcesInfo();
  const countOf = (name: string): number => open.filter((other) => other === name).length;
  return {
    ...Object.fromEntries(WATCHED.map((name) => [name, countOf(name)])),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    prototypeKeys: Reflect.ownKeys(Object.prototype).length,
  };
}

async function checkCalls(): Promise<void> {
  await using server = await startStrom();
  expect(await bestOf(() => server.checkAlive())).toBeLessThan(MAX_CALL_MS);
}

function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// What the suite itself keeps open for all its cases is there by then.
beforeEach(() => {
  before ??= openThings();
});

afterEach(async () => {
  await checkCalls();
  await closeFetchConnections();
  // The wait itself is one more timer.
  const grown = (): string[] =>
    Object.entries(openThings()).flatMap(([name, count]) =>
      count > (before?.[name] ?? 0) + (name === 'Timeout' ? 1 : 0) ? [name] : [],
    );
  await vi.waitFor(() => expect(grown()).toEqual([]), { timeout: 5000, interval: 25 });
  bytesBefore ??= heldBytes();
  expect(heldBytes()).toBeLessThan(bytesBefore * MAX_GROWTH);
});
