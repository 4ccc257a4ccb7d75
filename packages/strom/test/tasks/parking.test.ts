import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import type { Store } from '../../src/server/store.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { makeGate } from '../harness/gate.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';

const MANY_TURNS = 50;

async function passTurns(): Promise<void> {
  for (let count = 0; count < MANY_TURNS; count += 1) await turn();
}

function addTool(strom: Strom): void {
  strom.tool('t', { description: 'T', task: { resumable: true } }, () => new Promise(() => {}));
}

describe('a server that leaves', () => {
  it('gives back what it is just about to begin before it has left', async () => {
    const inner = memoryStore();
    const durable: Store = { ...inner, isDurable: true };
    let id = '';
    {
      const server = { store: durable, maxRunningTasks: 0 };
      await using first = await startStrom(addTool, { server });
      id = await new TaskCaller(first).start('t');
    }
    const claimed = makeGate();
    const gate = makeGate();
    const order: string[] = [];
    const store: Store = {
      ...durable,
      async claim(how) {
        const claim = await inner.claim(how);
        claimed.open();
        await gate.promise;
        return claim;
      },
      async release(...given) {
        await inner.release(...given);
        order.push('given back');
      },
    };
    await using second = await startStrom(addTool, { server: { store } });
    await claimed.promise;
    const left = second.running.drain().then(() => order.push('left'));
    await passTurns();
    gate.open();
    await left;
    expect(order).toEqual(['given back', 'left']);
    expect(await inner.get(id)).toMatchObject({ phase: 'open', attempt: 0 });
  });

  it('gives back at once what is made while it begins to leave', async () => {
    const inner = memoryStore();
    const created = makeGate();
    const gate = makeGate();
    const store: Store = {
      ...inner,
      isDurable: true,
      async create(...given) {
        const task = await inner.create(...given);
        created.open();
        await gate.promise;
        return task;
      },
    };
    await using server = await startStrom(addTool, { server: { store } });
    const id = new TaskCaller(server).start('t');
    await created.promise;
    const left = server.running.drain();
    gate.open();
    await left;
    expect(await inner.get(await id)).toMatchObject({ phase: 'open', attempt: 0 });
  });
});
