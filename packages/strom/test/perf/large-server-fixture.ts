/** A server of large results: on its standard streams, or over HTTP, where it says its URL first. */

import type { ToolArguments } from '../../src/client/client.ts';
import { Strom } from '../../src/serve/strom.ts';
import { LARGE_RESULTS, type LargeKind } from './large-values.ts';
import { PeakMemory } from './peak-memory.ts';

const [, , transport] = process.argv;

const strom = new Strom({ name: 'large', version: '1.0.0' });
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

if (transport === 'stdio') await strom.run({ transport });
else {
  const { url } = await strom.run({ transport: 'sse', port: 0 });
  process.stdout.write(`${url}\n`);
}
