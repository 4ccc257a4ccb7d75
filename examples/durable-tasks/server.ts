/** A report of twelve months that takes up after a crash where it was. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Strom } from 'strom';
import { sqliteStore } from 'strom/sqlite';

const file = process.env['STORE'] ?? path.join(tmpdir(), 'strom-durable-tasks.db');
const store = await sqliteStore({ file });
// A short lease, so that the next process need not wait long for one that was killed.
const strom = new Strom({ name: 'reports', version: '1.0.0', store, taskLeaseMs: 1000 });

strom.tool(
  'year_report',
  { description: 'Adds up twelve months', task: { resumable: true } },
  async (_, ctx) => {
    const summed: number[] = [];
    for (let month = 1; month <= 12; month++) {
      const [sum = 0, pid = 0] = await ctx.step(`month-${month}`, async () => {
        await sleep(100);
        return [month * 100, process.pid];
      });
      summed.push(sum);
      ctx.progress(month, 12, `Month ${month}/12 was added up by ${pid}`);
    }
    return `Sum: ${summed.reduce((sum, one) => sum + one)}, attempt ${ctx.attempt}`;
  },
);

const running = await strom.run({ port: Number(process.env['PORT'] ?? 3000) });
console.log(running.url);
await running.closed;
await store.close();
