/**
 * A server for as many subscriptions as its argument says, of one caller. Its tool `change` tells all
 * of them of one change.
 */
import { Strom } from '../../src/serve/strom.ts';

const maxSubscriptions = Number(process.argv[2]);
const limits = { maxSubscriptions, maxSubscriptionsPerCaller: maxSubscriptions + 1 };
const strom = new Strom({ name: 'idle streams', version: '0.0.1', ...limits });

strom.resource('note://one', { name: 'one' }, () => 'one');
strom.tool('hello', { description: 'Says hello' }, () => 'hello');
strom.tool('change', { description: 'Tells of a change' }, () => {
  strom.notify.resourcesListChanged();
  return 'told';
});

const running = await strom.run({ port: 0, keepAliveMs: 2000 });
process.stdout.write(`${running.url}\n`);
