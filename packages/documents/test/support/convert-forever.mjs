/** Converts a document with the built engine and tells the process id of its worker. */
import { createEngine } from '../../dist/engine.js';

const [root, output, path, mode] = process.argv.slice(2);
const engine = await createEngine({ roots: [root], output });
const tell = () => process.stdout.write(`${engine.workerPids[0]}\n`);
await engine.convert({
  paths: [path],
  onPage: ({ page }) => mode === 'busy' && page === 1 && tell(),
});
// Not disposed on purpose: an idle worker must not keep this process alive.
tell();
