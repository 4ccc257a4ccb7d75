import cluster from 'node:cluster';
import { Strom } from '../../src/serve/strom.ts';

/** Its arguments are flags that the program gives to its workers. */
const flags = process.argv.slice(2);
if (cluster.isPrimary && flags.length > 0) {
  cluster.setupPrimary({ execArgv: [...flags, ...process.execArgv] });
}
const strom = new Strom({ name: 'team', version: '1.0.0' });
strom.tool('pid', { description: 'Says which process it runs in' }, () => String(process.pid));
strom.tool('ask', { description: 'Asks' }, async (_args, ctx) => {
  const form = { type: 'object', properties: { name: { type: 'string' } } };
  const answer = await ctx.ask('Name?', form);
  return `${answer.action} ${process.pid}`;
});

strom.tool('flags', { description: 'Says with which flags it runs' }, () =>
  process.execArgv.join(' '),
);
strom.tool('end', { description: 'Ends its process' }, () => process.exit(7));

const running = await strom.run({ port: 0, workers: 2, transport: 'sse', metrics: true });
process.send?.({ url: running.url });
if (process.env['STROM_WORKER'] === undefined) process.stdout.write(`${running.url}\n`);
