/**
 * Two workers behind one port, to be attacked. The primary says their URL on standard output, and asks a
 * worker for the parent process, which has no channel to it.
 */
import cluster from 'node:cluster';
import http from 'node:http';
import { Strom } from '../../../src/serve/strom.ts';
import { addTools, Workbench } from './victim-tools.ts';

interface Request {
  readonly id: number;
  readonly command: string;
  readonly input?: unknown;
}

// What workers keep open between them, for five seconds otherwise, is waited for after every case.
http.globalAgent = new http.Agent({ keepAlive: true, timeout: 500 });

const nothing = (): void => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const strom = new Strom({ name: 'team', version: '0.0.1', logger });
addTools(strom, new Workbench());

const workers = () => Object.values(cluster.workers ?? {});
/** The processes that serve. */
const listening = new Set<number | undefined>();
cluster.on('listening', (worker) => listening.add(worker.process.pid));
cluster.on('exit', (worker) => listening.delete(worker.process.pid));

function askWorker({ id, input }: Request): void {
  const worker = workers().find((each) => each?.process.pid === input);
  if (worker === undefined) {
    process.send?.({ id, error: `there is no worker ${input}` });
    return;
  }
  const take = (reply: { readonly id?: number }): void => {
    if (reply.id !== id) return;
    worker.off('message', take);
    process.send?.(reply);
  };
  worker.on('message', take);
  worker.send({ id, command: 'vitals' });
}

function answer(request: Request): void {
  const { id, command } = request;
  if (command === 'workers') process.send?.({ id, value: [...listening] });
  if (command === 'vitalsOf') askWorker(request);
}

const running = await strom.run({ port: 0, workers: 2, transport: 'sse' });
if (cluster.isPrimary) {
  process.on('message', (message) => answer(message as Request));
  process.stdout.write(`${running.url}\n`);
}
