import cluster from 'node:cluster';
import { existsSync, rmSync } from 'node:fs';
import { Strom } from '../../src/serve/strom.ts';

/**
 * A team of two whose workers do not always start: one that finds the file named first ends as if killed;
 * later ones are to start in the folder named second, which is not there, until something is said on
 * standard input.
 */
const [deadly = '', missing = ''] = process.argv.slice(2);
if (cluster.isWorker && existsSync(deadly)) {
  rmSync(deadly);
  process.kill(process.pid, 'SIGKILL');
}
const tell = (_fields: object, message: string): void => {
  process.stderr.write(`${message}\n`);
};
const silent = (): void => undefined;
const logger = { debug: silent, info: silent, warn: tell, error: tell };
const strom = new Strom({ name: 'failing', version: '1.0.0', logger });
strom.tool('pid', { description: 'Says which process it runs in' }, () => String(process.pid));
const running = await strom.run({ port: 0, workers: 2, accessLog: false, auditLog: false });
if (cluster.isPrimary) {
  if (missing !== '') cluster.setupPrimary({ cwd: missing });
  process.stdin.once('data', () => cluster.setupPrimary({ cwd: process.cwd() }));
  process.stdout.write(`${running.url}\n`);
}
