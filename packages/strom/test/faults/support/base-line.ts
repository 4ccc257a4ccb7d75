/**
 * What holds after every case of a suite that attacks what runs in the process of the tests itself:
 * sockets, servers, files, timers, child processes and listeners are as many as before the first, what
 * JavaScript holds is at most a fifth more than after the first, which compiles what runs for the first
 * time, and a plain call to a server in this process is answered at once. For suites whose subject is no
 * server that could run elsewhere, or whose tests look into the server.
 *
 * Imported for its effect.
 *
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { apiKeys } from '../../../src/auth/keys/api-keys.ts';
import { startStrom } from '../../harness/start-strom.ts';
import { openDescriptors } from './open-descriptors.ts';
import { bestOf, closeFetchConnections, MAX_CALL_MS, PATIENCE_MS, pause } from './recovery.ts';

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
    descriptors: openDescriptors(),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    prototypeKeys: Reflect.ownKeys(Object.prototype).length,
  };
}

/** What there is more of than before, in words. */
function grown(): string[] {
  return Object.entries(openThings()).flatMap(([name, count]) => {
    // The runner of the tests has one of its own, now and then.
    const limit = (before?.[name] ?? 0) + (name === 'Timeout' ? 1 : 0);
    return count > limit ? [`${name}: ${count} instead of ${limit}`] : [];
  });
}

/** Looks until all is as before. Between two looks nothing of the wait itself is open, which would count. */
async function settle(): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (grown().length > 0 && performance.now() < endMs) await pause();
  expect(grown()).toEqual([]);
}

async function checkCalls(): Promise<void> {
  await using server = await startStrom();
  expect(await bestOf(() => server.checkAlive())).toBeLessThan(MAX_CALL_MS);
}

/** Some of what a server and its clients are made of is loaded when it is needed first, whichever case needs it. */
async function loadWhatIsLoadedOnce(): Promise<void> {
  await using server = await startStrom(undefined, { run: { auth: [apiKeys({ keys: [] })] } });
  // The parser of `fetch`, and the limits on wrong guesses.
  const answer = await fetch(server.url, { method: 'POST', headers: { 'x-api-key': 'wrong' } });
  expect(answer.status).toBe(401);
  await answer.text();
  await closeFetchConnections();
}

/** Files that were closed, but are kept open by a driver until its objects are collected, go with them. */
function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

beforeAll(loadWhatIsLoadedOnce);

// What the suite itself keeps open for all its cases is there by then.
beforeEach(() => {
  before ??= openThings();
});

afterEach(async () => {
  await checkCalls();
  await closeFetchConnections();
  const bytes = heldBytes();
  await settle();
  bytesBefore ??= bytes;
  const limit = bytesBefore * MAX_GROWTH;
  // What was let go of in the meantime is garbage by now.
  expect(bytes < limit ? bytes : heldBytes()).toBeLessThan(limit);
});
