/** A tool that reports what it does: progress while it works, a log line at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Strom } from 'strom';
import { z } from 'zod';

const strom = new Strom({ name: 'progress', version: '1.0.0' });

strom.tool(
  'process_files',
  {
    description: 'Processes files one by one and reports each',
    input: z.object({ count: z.int().min(1).max(100), message: z.string() }),
  },
  async ({ count, message }, ctx) => {
    for (let i = 1; i <= count; i++) {
      await sleep(10, undefined, { signal: ctx.signal });
      ctx.progress(i, count, `Processing document ${i}/${count}`);
    }
    ctx.info('Processing complete!');
    return `Done: ${message}`;
  },
);

const { url } = await strom.run({ port: Number(process.env['PORT'] ?? 3000) });
console.log(url);
