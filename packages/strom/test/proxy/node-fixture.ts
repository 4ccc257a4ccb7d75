/** One of several nodes behind a proxy, as a process of its own; says its port on standard output. */
import { startNode } from './proxied.ts';

const { port } = await startNode();
process.stdout.write(`${port}\n`);
