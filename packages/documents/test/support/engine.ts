import { readFileSync } from 'node:fs';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';

export interface EngineFixture extends AsyncDisposable {
  readonly engine: Engine;
  readonly docs: TempFolder;
  readonly output: TempFolder;
}

/** An engine over an empty root and an empty output folder, with real processes. */
export async function engineFixture(options: Partial<EngineOptions> = {}): Promise<EngineFixture> {
  const docs = await tempFolder();
  const output = await tempFolder();
  const engine = await createEngine({ roots: [docs.path], output: output.path, ...options });
  return {
    engine,
    docs,
    output,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await docs[Symbol.asyncDispose]();
      await output[Symbol.asyncDispose]();
    },
  };
}

/** Whether a process runs; one that ended but was not yet collected does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(stateOf(pid));
  } catch {
    // ESRCH or ENOENT: it is gone.
    return false;
  }
}

function stateOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}
