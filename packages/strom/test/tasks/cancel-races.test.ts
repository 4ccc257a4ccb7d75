import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Strom } from '../../src/serve/strom.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { type Gate, makeGate } from '../harness/gate.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';
import '../faults/support/base-line.ts';

const TERMINAL = ['completed', 'failed', 'cancelled'];
const RUNS = 25;

interface Known {
  readonly id: string;
  readonly name: string;
  isOpened: boolean;
  isCancelled: boolean;
  /** The first end that was seen, whole. */
  end: Record<string, unknown> | undefined;
}

/** Two servers on one file, each of which runs one task at a time, and what is known of the tasks. */
class World implements AsyncDisposable {
  readonly tasks: Known[] = [];
  readonly #gates: Map<string, Gate<void>>;
  readonly #servers: readonly Started[];
  readonly #cleanUp: () => Promise<void>;

  private constructor(
    servers: readonly Started[],
    gates: Map<string, Gate<void>>,
    cleanUp: () => Promise<void>,
  ) {
    this.#servers = servers;
    this.#gates = gates;
    this.#cleanUp = cleanUp;
  }

  static async make(): Promise<World> {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-races-'));
    const gates = new Map<string, Gate<void>>();
    const stores = [0, 1].map(() => sqliteStore({ file: path.join(folder, 'store.db') }));
    const opened = await Promise.all(stores);
    const servers = await Promise.all(
      opened.map((store) =>
        startStrom((strom) => addHeld(strom, gates), {
          server: { store, maxRunningTasks: 1, taskLeaseMs: 60_000 },
        }),
      ),
    );
    return new World(servers, gates, async () => {
      for (const server of servers) await server[Symbol.asyncDispose]();
      for (const store of opened) await store.close();
      await rm(folder, { recursive: true });
    });
  }

  caller(at: number): TaskCaller {
    return new TaskCaller(this.#servers[at % 2] as Started);
  }

  async create(at: number): Promise<void> {
    const name = String(this.tasks.length);
    this.#gates.set(name, makeGate());
    const id = await this.caller(at).start('held', { name });
    this.tasks.push({ id, name, isOpened: false, isCancelled: false, end: undefined });
  }

  open(task: Known): void {
    task.isOpened = true;
    this.#gates.get(task.name)?.open();
  }

  /** Looks at a task and holds what it shows to what was seen before. */
  async look(task: Known, at: number): Promise<void> {
    const { resultType: _, ...seen } = await this.caller(at).get(task.id);
    if (task.end !== undefined) expect(seen).toEqual(task.end);
    else if (TERMINAL.includes(String(seen['status']))) {
      const why = seen['status'] === 'cancelled' ? task.isCancelled : task.isOpened;
      expect(why).toBe(true);
      task.end = seen;
    } else expect(seen['status']).toBe('working');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#cleanUp();
  }
}

function addHeld(strom: Strom, gates: ReadonlyMap<string, Gate<void>>): void {
  const input = { type: 'object', properties: { name: { type: 'string' } } } as const;
  strom.tool('held', { description: 'Held', input, task: 'optional' }, async ({ name }) => {
    await gates.get(String(name))?.promise;
    return 'done';
  });
}

/** What may be done to a task, through either of the servers. */
interface Step {
  readonly kind: 'create' | 'open' | 'cancel' | 'cancel twice' | 'open and cancel' | 'look';
  readonly task: number;
  readonly at: number;
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('create', 'open', 'cancel', 'cancel twice', 'open and cancel', 'look'),
    task: fc.nat(5),
    at: fc.nat(1),
  }),
  { minLength: 4, maxLength: 14 },
);

async function cancel(world: World, task: Known, at: number): Promise<void> {
  task.isCancelled = true;
  const answer = await world.caller(at).ask('cancel', task.id);
  expect(answer['result']).toMatchObject({ resultType: 'complete' });
}

async function take(world: World, { kind, task: index, at }: Step): Promise<void> {
  if (kind === 'create' || world.tasks.length === 0) return world.create(at);
  const task = world.tasks[index % world.tasks.length] as Known;
  if (kind === 'open') world.open(task);
  else if (kind === 'cancel') await cancel(world, task, at);
  else if (kind === 'cancel twice') {
    await Promise.all([cancel(world, task, 0), cancel(world, task, 1)]);
  } else if (kind === 'open and cancel') {
    world.open(task);
    await cancel(world, task, at);
  }
  await world.look(task, at);
}

describe('F05: cancelling tasks through two servers on one store', { timeout: 120_000 }, () => {
  it('is acknowledged at any time, and what has ended never changes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        await using world = await World.make();
        for (const step of list) await take(world, step);
        for (const task of world.tasks) {
          if (!task.isCancelled) world.open(task);
        }
        for (const task of world.tasks) {
          await world.caller(0).until(task.id, ...TERMINAL);
          await world.look(task, 1);
          await cancel(world, task, 0);
          await world.look(task, 0);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('ends one as cancelled that is cancelled from both sides as soon as it is there', async () => {
    await using world = await World.make();
    for (let times = 0; times < 10; times += 1) {
      await world.create(times);
      const task = world.tasks.at(-1) as Known;
      await Promise.all([cancel(world, task, times), cancel(world, task, times + 1)]);
      await world.caller(times).until(task.id, 'cancelled');
      await world.look(task, times + 1);
    }
  });
});
