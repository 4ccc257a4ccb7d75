import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TestProcess } from '../harness/child-process.ts';

/** A file for a store, and the processes that serve from it. */
export class DurableServer implements AsyncDisposable {
  readonly file: string;
  readonly #directory: string;
  readonly #processes: TestProcess[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.file = path.join(directory, 'store.db');
  }

  static async make(): Promise<DurableServer> {
    return new DurableServer(await mkdtemp(path.join(tmpdir(), 'strom-resume-')));
  }

  /** Starts one more process; resolves when it listens. */
  async start(port = '0', workers = 0, scheme: 'http' | 'https' = 'http'): Promise<Started> {
    const process = new TestProcess('../resume/durable-fixture.ts', [
      this.file,
      port,
      String(workers),
      scheme,
    ]);
    this.#processes.push(process);
    const url = await process.line();
    if (url === undefined) throw new Error(`it did not start: ${process.stderr}`);
    return { process, url, port: new URL(url).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) await process[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export interface Started {
  readonly process: TestProcess;
  readonly url: string;
  readonly port: string;
}

/** Ends a process as a crash does. */
export async function crash({ process }: Started): Promise<void> {
  process.child.kill('SIGKILL');
  await process.exited;
}
