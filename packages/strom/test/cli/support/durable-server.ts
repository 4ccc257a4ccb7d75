/** A program: a server on the standard streams that keeps its tasks in the file it is given. */
import process from 'node:process';
import { Strom } from '../../../src/serve/strom.ts';
import { sqliteStore } from '../../../src/stores/sqlite/sqlite-store.ts';

const store = await sqliteStore({ file: process.argv[2] ?? '' });
const strom = new Strom({ name: 'durable', version: '1.0.0', store, taskLeaseMs: 1_000 });

strom.tool(
  'second-time',
  { description: 'Works at its second attempt', task: { resumable: true, pollInterval: '50ms' } },
  async (_args, ctx) => {
    if (ctx.attempt > 1) return `attempt ${ctx.attempt}`;
    await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
    return ctx.signal.reason;
  },
);

await strom.run({ transport: 'stdio' });
