/**
 * A server with a store in a file, as a process of its own. Its arguments are the file, the port, the
 * number of workers, and the scheme; it says its URL on standard output.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Strom } from '../../src/serve/strom.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';

const [file = '', port = '0', workers = '0', scheme] = process.argv.slice(2);
const isPrimary = Number(workers) > 0 && process.env['STROM_WORKER'] === undefined;
const store = isPrimary ? undefined : await sqliteStore({ file });
const strom = new Strom({ name: 'durable', version: '1.0.0', ...(store && { store }) });

const steps = {
  type: 'object',
  properties: { count: { type: 'integer' }, ends: { type: 'boolean' } },
  required: ['count', 'ends'],
} as const;

strom.tool('steps', { description: 'Counts', input: steps }, async ({ count, ends }, ctx) => {
  for (let step = 1; step <= Number(count); step += 1) {
    await ctx.progress(step, Number(count), `step ${step}`);
    if (step % 3 === 0) await turn();
  }
  if (ends !== true) await new Promise(() => undefined);
  return `${count} steps`;
});
strom.tool('pid', { description: 'Says which process it runs in' }, () => String(process.pid));
strom.tool('ask', { description: 'Asks' }, async (_, ctx) => {
  const form = { type: 'object', properties: { name: { type: 'string' } } };
  const answer = await ctx.ask('Name?', form);
  return answer.action;
});

const running = await strom.run({
  port: Number(port),
  ...(Number(workers) > 0 && { workers: Number(workers) }),
  ...(scheme === 'https' && { tls: 'dev' }),
});
if (process.env['STROM_WORKER'] === undefined) process.stdout.write(`${running.url}\n`);
await running.closed;
await store?.close();
