/** What a server under attack offers: tools that behave in every way an attack may make use of. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Strom } from '../../../src/serve/strom.ts';
import { addMisbehaving } from './misbehaving-tools.ts';

const DONE = 'called';

/** What tools tell the test, and what makes them wait for it. */
export class Workbench {
  readonly #noted = new Map<string, unknown>();
  readonly #waiting: (() => void)[] = [];

  /** Counts one more call of a tool. */
  count(tool: string): string {
    this.#noted.set(tool, Number(this.#noted.get(tool) ?? 0) + 1);
    return DONE;
  }

  note(name: string, value: unknown): void {
    this.#noted.set(name, value);
  }

  noted(name: string): unknown {
    return this.#noted.get(name) ?? 0;
  }

  /** Resolves when the test lets go. */
  hold(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.note('waiting', this.#waiting.length);
    });
  }

  letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
    this.note('waiting', 0);
  }

  forget(): void {
    this.letGo();
    this.#noted.clear();
  }
}

export function addTools(strom: Strom, bench: Workbench): void {
  addPlain(strom, bench);
  addWide(strom, bench);
  addSpeaking(strom, bench);
  addWaiting(strom, bench);
  addMisbehaving(strom, bench);
  addOthers(strom);
}

const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object' as const,
  properties,
  required,
});

function addPlain(strom: Strom, bench: Workbench): void {
  const text = object({ text: { type: 'string' } }, ['text']);
  strom.tool(
    'echo',
    { description: 'Gives back its text', input: text },
    ({ text }) => `echo: ${text}`,
  );
  strom.tool('tick', { description: 'Is counted' }, () => bench.count('tick'));
  const mark = (name: string, type: string) => ({ type, 'x-mcp-header': name });
  const mirrored = object({
    region: mark('Region', 'string'),
    count: mark('Count', 'integer'),
    deep: object({ on: mark('On', 'boolean') }),
    secret: { type: 'string' },
  });
  strom.tool(
    'mirrored',
    {
      description: 'Mirrors arguments into headers',
      input: mirrored,
      annotations: { readOnlyHint: true },
    },
    () => bench.count('mirrored'),
  );
}

function addWide(strom: Strom, bench: Workbench): void {
  const anything = { type: 'object', additionalProperties: true } as const;
  strom.tool('any', { description: 'Takes anything', input: anything }, () => bench.count('any'));
  strom.tool('keys', { description: 'Names its arguments', input: anything }, (args) =>
    Object.keys(args).join(),
  );
  const unique = object({ items: { type: 'array', uniqueItems: true } });
  strom.tool('unique', { description: 'Wants unique items', input: unique }, ({ items }) =>
    String((items as unknown[]).length),
  );
  strom.tool('deep', { description: 'Nests its result' }, () => {
    let value: Record<string, unknown> = {};
    for (let level = 0; level < 20_000; level += 1) value = { value };
    return value;
  });
}

function addSpeaking(strom: Strom, bench: Workbench): void {
  strom.tool('steps', { description: 'Reports steps' }, async (_, ctx) => {
    for (let step = 1; step <= 3; step += 1) await ctx.progress(step, 3);
    return `called by ${ctx.client.name}`;
  });
  const notes = object({ count: { type: 'integer' }, isAwaited: { type: 'boolean' } }, ['count']);
  strom.tool(
    'notes',
    { description: 'Reports so often', input: notes },
    async ({ count, isAwaited }, ctx) => {
      const message = 'x'.repeat(200);
      for (let note = 1; note <= Number(count) && !ctx.signal.aborted; note += 1) {
        const sent = ctx.progress(note, undefined, message);
        if (isAwaited === true) await sent;
      }
      bench.count('notes');
      return `${count} notes`;
    },
  );
  strom.tool('flood', { description: 'Speaks without end' }, async (_, ctx) => {
    ctx.onCleanup(() => bench.note('stopped', ctx.signal.reason?.code));
    for (let step = 1; !ctx.signal.aborted; step += 1) {
      await ctx.progress(step, undefined, 'x'.repeat(1000));
      bench.note('flood', step);
    }
  });
  const canary = object({ canary: { type: 'string' } });
  strom.tool(
    'tell',
    { description: 'Tells its canary', input: canary },
    async ({ canary }, ctx) => {
      for (let step = 1; step <= 5; step += 1) {
        await ctx.progress(step, 5, `${canary}`);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return `${canary}`;
    },
  );
  const count = object({ to: { type: 'integer' } }, ['to']);
  strom.tool('count', { description: 'Awaits each step', input: count }, async ({ to }, ctx) => {
    for (let step = 1; step <= Number(to); step += 1) {
      await ctx.progress(step, Number(to), `Schritt ${step} — 世界 \u{1F30A}`);
    }
    return `counted to ${to}`;
  });
}

function addWaiting(strom: Strom, bench: Workbench): void {
  const rest = object({ forMs: { type: 'integer' } }, ['forMs']);
  strom.tool('rest', { description: 'Takes its time', input: rest }, async ({ forMs }) => {
    await pause(Number(forMs));
    return 'rested';
  });
  strom.tool('stay', { description: 'Stays until let go' }, async () => {
    await bench.hold();
    return 'done';
  });
  strom.tool('long', { description: 'Speaks, then stays until let go' }, async (_, ctx) => {
    await ctx.progress(1);
    await bench.hold();
    return 'done';
  });
}

function addOthers(strom: Strom): void {
  strom.prompt('p', {}, () => 'x');
  strom.resource('test://r', { name: 'r' }, () => 'x');
  strom.resourceTemplate('test://item/{id}', { name: 'item' }, (_, { id }) => `item ${id}`);
  strom.resourceTemplate('t://{a}/{b}/{c}/{d}/x', { name: 'a' }, () => 'x');
  strom.resourceTemplate('t://{+a}/{+b}/{+c}/x', { name: 'b' }, () => 'x');
  const change = object({ count: { type: 'integer' }, uri: { type: 'string' } });
  strom.tool('broadcast', { description: 'Tells of changes', input: change }, async (args) => {
    const { count, uri } = args;
    if (uri === undefined) strom.notify.resourcesListChanged();
    for (let told = 0; told < Number(count ?? 0); told += 1) {
      strom.notify.resourceUpdated(String(uri));
      if (told % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return 'told';
  });
}
