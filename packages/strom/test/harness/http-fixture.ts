/** The fixture as a process of its own, over HTTP; says its URL on standard output. */
import { makeFixture } from './fixture-server.ts';

const strom = makeFixture();

const input = {
  type: 'object',
  properties: { count: { type: 'integer' }, isAwaited: { type: 'boolean' } },
  required: ['count'],
} as const;

strom.tool(
  'notes',
  { description: 'Reports so often', input },
  async ({ count, isAwaited }, ctx) => {
    const message = 'x'.repeat(200);
    for (let note = 1; note <= Number(count); note += 1) {
      const sent = ctx.progress(note, undefined, message);
      if (isAwaited === true) await sent;
    }
    return `${count} notes`;
  },
);

strom.tool('broadcast', { description: 'Tells of so many changes', input }, async (args) => {
  const { count, uri } = args;
  for (let change = 0; change < Number(count); change += 1) {
    strom.notify.resourceUpdated(String(uri));
    if (change % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return `${count} changes`;
});

const running = await strom.run({ transport: 'sse', port: 0 });
process.stdout.write(`${running.url}\n`);
