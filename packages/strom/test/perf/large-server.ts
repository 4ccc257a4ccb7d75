import type { ToolArguments } from '../../src/client/client.ts';
import { Strom } from '../../src/serve/strom.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { LARGE_RESULTS, type LargeKind } from './large-values.ts';
import { PeakMemory } from './peak-memory.ts';

/** @param file - where it keeps what it has to keep; in memory if empty */
export async function largeServer(file: string): Promise<Strom> {
  const strom = new Strom({
    name: 'large',
    version: '1.0.0',
    ...(file !== '' && { store: await sqliteStore({ file }) }),
  });
  const input = {
    type: 'object',
    properties: { kind: { enum: Object.keys(LARGE_RESULTS) }, sizeMb: { type: 'number' } },
    required: ['kind', 'sizeMb'],
  } as const;
  const result = ({ kind, sizeMb }: ToolArguments) =>
    LARGE_RESULTS[kind as LargeKind](Number(sizeMb));

  strom.tool('large', { description: 'Returns so much', input }, (args) => result(args));
  strom.tool('told', { description: 'Reports, then returns so much', input }, async (args, ctx) => {
    await ctx.progress(1);
    // The report is on its way before the result is there, so the answer is a stream.
    await new Promise((resolve) => setImmediate(resolve));
    return result(args);
  });
  strom.tool('task', { description: 'The same as a task', input, task: 'optional' }, (args) =>
    result(args),
  );
  strom.tool(
    'fallback',
    { description: 'The same for who takes no tasks', input, task: { fallback: 'rounds' } },
    (args) => result(args),
  );

  let release: () => void = () => undefined;
  const pollInterval = '1h';
  strom.tool(
    'held',
    { description: 'A task that ends when told to', input, task: { pollInterval } },
    async (args, ctx) => {
      void ctx.progress(1);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return result(args);
    },
  );
  strom.tool('release', { description: 'Lets the held task end' }, () => {
    release();
    return 'released';
  });

  let memory = new PeakMemory();
  strom.tool(
    'grown',
    { description: 'By how many MB the process has grown since last asked' },
    () => {
      const grownMb = memory.grown();
      memory = new PeakMemory();
      return String(grownMb);
    },
  );
  return strom;
}
