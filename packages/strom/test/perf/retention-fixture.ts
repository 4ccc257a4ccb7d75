/**
 * Serves calls that take a turn of the event loop each. Collects all garbage once it is told so with `all`,
 * as every process does sooner or later; for `young` it collects young objects and says how many bytes have
 * outlived that since.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { Strom } from '../../src/serve/strom.ts';

const collect = globalThis.gc as (options?: { readonly type: 'minor' }) => void;

function collectYoung(): void {
  // Twice: what outlives the second is among the old objects.
  collect({ type: 'minor' });
  collect({ type: 'minor' });
}

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => name === 'old_space');
  return spaces.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
}

const strom = new Strom({ name: 'measured', version: '0.0.1' });
strom.tool('turn', { description: 'Takes a turn' }, async () => {
  await nextTurn();
  return 'done';
});
const server = createServer(strom.listener()).listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);

let before = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'all') collect();
  collectYoung();
  const bytes = oldBytes();
  process.stdout.write(`${bytes - before}\n`);
  before = bytes;
}
process.exit();
