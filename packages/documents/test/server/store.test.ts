import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'strom/client';
import { describe, expect, it } from 'vitest';
import { createDocumentsServer } from '../../src/server.ts';
import { type TempFolder, tempFolder } from '../support/temp-folder.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

interface Command extends AsyncDisposable {
  readonly url: string;
}

/** The built command with a store in a file, which is killed at the end. */
async function start(folder: TempFolder): Promise<Command> {
  const paths = ['--root', join(folder.path, 'docs'), '--output', join(folder.path, 'out')];
  const flags = ['--transport', 'streamable-http', '--port', '0', '--task-lease-ms', '500'];
  const store = ['--store', join(folder.path, 'store.db')];
  const child = spawn(process.execPath, [MAIN, ...paths, ...flags, ...store], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const { message, url } = JSON.parse(line) as { message: string; url?: string };
    if (message !== 'listening' || url === undefined) continue;
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('it did not start');
}

describe('convert_folder', { timeout: 60_000 }, () => {
  it('is a task at once with --store, and its result outlives the process', async () => {
    await using folder = await tempFolder();
    await folder.write('docs/a.txt', 'words');
    await folder.write('docs/b.pdf', 'no PDF');
    let id = '';
    {
      await using server = await start(folder);
      await using client = await connect(server.url);
      id = (await client.task('convert_folder')).id ?? '';
      expect(await client.resumeTask(id).wait()).toMatchObject({
        structuredContent: { converted: 1, failed: 1, total: 2 },
      });
    }
    await using server = await start(folder);
    await using client = await connect(server.url);
    expect(await client.resumeTask(id).status()).toMatchObject({
      status: 'completed',
      result: { structuredContent: { converted: 1, failed: 1, total: 2 } },
    });
  });

  it('is a stream first where nothing outlives the process', async () => {
    await using folder = await tempFolder();
    await folder.write('docs/a.txt', 'words');
    const roots = [join(folder.path, 'docs')];
    await using server = await createDocumentsServer({ roots, output: join(folder.path, 'out') });
    await using client = await connect(server.strom);
    const task = await client.task('convert_folder');
    expect(task.id).toBeUndefined();
    expect(await task.wait()).toMatchObject({ structuredContent: { converted: 1 } });
  });
});
