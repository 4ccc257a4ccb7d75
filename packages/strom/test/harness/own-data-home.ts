import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/**
 * Gives the suite it is called in a folder of its own to keep local certificates in.
 *
 * @returns the folder, once the suite runs
 */
export function ownDataHome(): () => string {
  const before = process.env['XDG_DATA_HOME'];
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'strom-data-'));
    process.env['XDG_DATA_HOME'] = folder;
  });
  afterAll(async () => {
    if (before === undefined) delete process.env['XDG_DATA_HOME'];
    else process.env['XDG_DATA_HOME'] = before;
    await rm(folder, { recursive: true });
  });
  return () => folder;
}
