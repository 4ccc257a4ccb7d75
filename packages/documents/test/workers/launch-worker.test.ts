import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchWorker } from '../../src/workers/launch-worker.ts';

const PROBE = join(import.meta.dirname, '../support/probe-worker.mjs');
const MEMORY_BYTES = 256 * 1024 * 1024;

describe('launchWorker', () => {
  it('gives the process no right to read, write, start or evaluate anything', async () => {
    process.env['STROM_TEST_SECRET'] = 'secret';
    const child = launchWorker(MEMORY_BYTES, PROBE);
    const [report] = await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(report).toMatchObject({
      read: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
      thread: 'ERR_ACCESS_DENIED',
      eval: 'EvalError',
      ownPackage: 'allowed',
      environment: [],
    });
  });
});
