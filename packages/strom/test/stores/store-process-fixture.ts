/**
 * A process that works on a store: `write FILE CALL` appends to one call until it is killed and says
 * what is written, `work FILE` waits for a line, then claims tasks and ends them until none is left, `send FILE CALL COUNT`
 * appends a number of events.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import type { Store } from '../../src/server/store.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { claimed, LEASE } from './support/tasks.ts';

const [mode = '', file = '', call = '', count = '0'] = process.argv.slice(2);

/** Written at once: a line that is out was written before whatever ends the process. */
function say(fact: unknown): void {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}

/** Events alone, together, and with values, as tools write them. */
async function writeOn(store: Store, fence: number): Promise<never> {
  for (let next = 1; ; ) {
    const size = next % 3 === 0 ? 1 : 20;
    const written = Array.from({ length: size }, (_, index) => {
      const number = next + index;
      const change = number % 7 === 0 ? { checkpoint: { last: String(number) } } : undefined;
      return store.append(call, fence, [`event ${number}`], change);
    });
    const seq = (await Promise.all(written)).at(-1);
    say({ acknowledged: seq });
    next += size;
  }
}

async function workAll(store: Store): Promise<void> {
  for (;;) {
    const claim = await store.claim({ lease: LEASE, kinds: ['kind'] });
    if (claim === undefined) return;
    const { id } = claim.task;
    say({ claimed: id });
    await Promise.all(
      ['a', 'b', 'c'].map((text) => store.append(id, claim.fence, [`${process.pid} ${text}`])),
    );
    await store.finish(id, claim.fence, { phase: 'completed', end: [String(process.pid)] }, [
      'end',
    ]);
  }
}

async function send(store: Store, fence: number): Promise<void> {
  for (let number = 1; number <= Number(count); number += 1) {
    await store.append(call, fence, [`event ${number}`]);
  }
}

const store = await sqliteStore({ file });
if (mode === 'work') {
  say({ isReady: true });
  await once(process.stdin, 'data');
  process.stdin.destroy();
  await workAll(store);
} else {
  const fence = await claimed(store, call);
  say({ isReady: true });
  if (mode === 'write') await writeOn(store, fence);
  else await send(store, fence);
}
await store.close();
