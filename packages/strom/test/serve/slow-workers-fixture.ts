import cluster from 'node:cluster';
import { Strom } from '../../src/serve/strom.ts';

/** A team whose workers say that they start, and never come to listen. */
if (cluster.isWorker) {
  process.stdout.write('starting\n');
  await new Promise(() => undefined);
}
const running = await new Strom({ name: 'slow', version: '1.0.0' }).run({ port: 0, workers: 2 });
await running.closed;
process.stdout.write(`told to leave: ${running.url}\n`);
