import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, vi } from 'vitest';
import { bigPdf } from '../support/big-pdf.ts';
import { isRunning } from '../support/engine.ts';
import { tempFolder } from '../support/temp-folder.ts';

const SCRIPT = join(import.meta.dirname, '../support/convert-forever.mjs');

describe('the conversion process', () => {
  it('does not keep its parent alive when idle, and ends with it', async () => {
    await using folder = await tempFolder();
    await folder.write('docs/a.txt', 'words');
    const parent = spawn(process.execPath, [
      SCRIPT,
      join(folder.path, 'docs'),
      join(folder.path, 'out'),
      'a.txt',
      'idle',
    ]);
    const [line] = await once(createInterface(parent.stdout), 'line');
    const [exitCode] = await once(parent, 'close');
    expect(exitCode).toBe(0);
    await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false));
  });

  it.skipIf(!existsSync('/usr/bin/setpriv'))(
    'dies with a parent that was killed in the middle of a document',
    async () => {
      await using folder = await tempFolder();
      await folder.write('docs/big.pdf', await bigPdf(400));
      const parent = spawn(process.execPath, [
        SCRIPT,
        join(folder.path, 'docs'),
        join(folder.path, 'out'),
        'big.pdf',
        'busy',
      ]);
      const [line] = await once(createInterface(parent.stdout), 'line');
      expect(isRunning(Number(line))).toBe(true);
      parent.kill('SIGKILL');
      await once(parent, 'close');
      await vi.waitFor(() => expect(isRunning(Number(line))).toBe(false));
    },
  );
});
