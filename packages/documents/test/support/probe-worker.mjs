/** Tries, under the rights of a conversion process, what a hijacked parser would try. */
import { readFileSync, writeFileSync } from 'node:fs';

function attempt(action) {
  try {
    action();
    return 'allowed';
  } catch (error) {
    return error.code ?? error.name;
  }
}

const childProcess = await import('node:child_process');
const workers = await import('node:worker_threads');

process.send({
  read: attempt(() => readFileSync('/etc/hostname')),
  write: attempt(() => writeFileSync('/tmp/strom-probe', 'x')),
  spawn: attempt(() => childProcess.execFileSync('true')),
  thread: attempt(() => new workers.Worker('0', { eval: true })),
  eval: attempt(() => new Function('return 1')()),
  ownPackage: attempt(() => readFileSync(new URL('../../package.json', import.meta.url))),
  environment: Object.keys(process.env).filter((name) => !name.startsWith('NODE_CHANNEL')),
  limits: readable('/proc/self/limits'),
});

function readable(path) {
  return attempt(() => readFileSync(path));
}
