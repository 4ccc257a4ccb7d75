/** Our own server with the same tools as the official ones in these tests. */

import { z } from 'zod';
import { ToolError } from '../../../src/base/tool-error.ts';
import { Strom } from '../../../src/serve/strom.ts';

export function createStrom(): Strom {
  const strom = new Strom({ name: 'peer', version: '1.2.3', instructions: 'Use the tools.' });
  const nothing = z.object({});
  const number = z.object({ to: z.number() });
  strom.tool('count', { description: 'Counts', input: number }, async ({ to }, ctx) => {
    for (let step = 1; step <= to; step += 1) await ctx.progress(step, to, `step ${step}`);
    await ctx.log('info', 'counted', 'count');
    return `counted to ${to}`;
  });
  strom.tool('fail', { description: 'Fails', input: nothing }, () => {
    throw new ToolError('this tool fails');
  });
  strom.tool('ask', { description: 'Asks', input: nothing }, async (_args, ctx) => {
    const form = z.object({
      name: z.string().default('nobody'),
      age: z.number().int().default(42),
    });
    const answer = await ctx.ask('Who are you?', form);
    return JSON.stringify(answer.action === 'accept' ? answer.content : answer);
  });
  strom.tool('hang', { description: 'Hangs', input: nothing }, async (_args, ctx) => {
    await ctx.progress(1);
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
    return 'cancelled';
  });
  strom.resource('note://one', { name: 'note' }, () => 'first note');
  strom.resourceTemplate('notes://{name}', { name: 'notes' }, () => 'some note');
  strom.prompt('greet', { input: z.object({ name: z.string() }) }, ({ name }) => `Hello ${name}`);
  return strom;
}
