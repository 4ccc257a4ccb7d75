/** A tool that never ends by itself: it ticks until its caller leaves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Strom } from 'strom';

const strom = new Strom({ name: 'clock', version: '1.0.0' });
let running = 0;

strom.tool(
  'tick',
  { description: 'Counts until the caller leaves', annotations: { readOnlyHint: true } },
  async function* (_args, ctx) {
    running += 1;
    ctx.onCleanup(() => {
      running -= 1;
    });
    for (let tick = 1; ; tick++) {
      yield `tick ${tick}`;
      await sleep(50, undefined, { signal: ctx.signal });
    }
  },
);

strom.tool(
  'running',
  { description: 'How many clocks tick', annotations: { readOnlyHint: true } },
  () => ({ running }),
);

const { url } = await strom.run({ port: Number(process.env['PORT'] ?? 3000) });
console.log(url);
