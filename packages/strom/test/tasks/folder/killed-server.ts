import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { loadDriver } from '../../../src/stores/sqlite/driver.ts';
import { ProbedProcess } from '../../faults/support/probed-process.ts';
import { type BaseLine, baseLineAfter, harmOf } from '../../faults/support/recovery.ts';
import { rawRequest, sendRaw } from '../../harness/raw-http.ts';
import { Relay } from '../../harness/relay.ts';
import { TaskCaller } from '../../harness/task-caller.ts';
import { writeDocuments } from './many-documents.ts';

/** Short, so that little time is spent waiting for those who were killed. */
const LEASE_MS = 300;
/** To look takes time as well, of which the server is to have most. */
const POLL_MS = 5;

interface Row {
  readonly key: string;
  readonly path: string;
}

export interface TaskNews {
  readonly taskId: string;
  readonly status: string;
  readonly statusMessage?: string;
  readonly result?: unknown;
}

const EMPTY = 'empty';

/** What a server holds that was never killed, once it has converted a few documents. */
let twin: Promise<BaseLine> | undefined;

async function baseLineOfTwin(): Promise<BaseLine> {
  await using server = await KilledServer.make();
  await writeDocuments(server.docs, 10);
  const process = await server.start();
  return await baseLineAfter(process, async () => {
    for (let count = 0; count < 20; count += 1) await server.checkAlive();
    await using client = await connect(server.url);
    const tools = ['convert_folder', 'convert_with_ledger'];
    await Promise.all(
      tools.map(async (tool) => (await client.task(tool, { output: tool })).wait()),
    );
  });
}

/** The documents server on a store in a file, killed and started again behind one port. */
export class KilledServer implements AsyncDisposable {
  /** Where the documents are. */
  readonly docs: string;
  /** Where their Markdown goes. */
  readonly output: string;
  readonly #folder: string;
  readonly #relay: Relay;
  readonly #caller: TaskCaller;
  #process: ProbedProcess | undefined;

  private constructor(folder: string, relay: Relay) {
    this.#folder = folder;
    this.docs = join(folder, 'docs');
    this.output = join(folder, 'output');
    this.#relay = relay;
    const { port } = relay;
    this.#caller = new TaskCaller({
      url: this.url,
      send: (request) => sendRaw(port, rawRequest(port, request)),
    });
  }

  static async make(): Promise<KilledServer> {
    const folder = await mkdtemp(join(tmpdir(), 'strom-kill-'));
    const made = new KilledServer(folder, await Relay.start());
    await mkdir(join(made.docs, EMPTY), { recursive: true });
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#relay.port}/mcp`;
  }

  /** Starts a process; fails if it is killed before it listens. */
  async start(): Promise<ProbedProcess> {
    const setting = {
      roots: [this.docs],
      output: this.output,
      store: join(this.#folder, 'store.db'),
      ledger: join(this.#folder, 'ledger.db'),
      allowedHosts: [`127.0.0.1:${this.#relay.port}`],
      taskLeaseMs: LEASE_MS,
    };
    const module = '../../../documents/test/support/crash-server.mjs';
    const started = new ProbedProcess(module, [JSON.stringify(setting)]);
    this.#process = started;
    const url = await started.line();
    if (url === undefined) throw new Error(`it did not start: ${started.stderr}`);
    this.#relay.target = Number(new URL(url).port);
    return started;
  }

  /** Asks the server for something that has nothing to do with the jobs. */
  async checkAlive(): Promise<void> {
    expect(await this.#caller.call('scan', { folder: EMPTY })).toHaveProperty('result');
  }

  /** What the ends of the others have done to the server that runs now; empty when it took no harm. */
  async harm(): Promise<string[]> {
    const process = this.#process;
    if (process === undefined) throw new Error('the server was not started');
    twin ??= baseLineOfTwin();
    return harmOf({ ...(await twin), process }, () => this.checkAlive());
  }

  /** Tells the server to leave. @returns its exit code */
  async leave(): Promise<number | null | undefined> {
    this.#relay.target = undefined;
    this.#process?.child.kill('SIGTERM');
    return this.#process?.exited;
  }

  async kill(): Promise<void> {
    this.#relay.target = undefined;
    await this.#process?.[Symbol.asyncDispose]();
  }

  /** Looks again and again, while the server goes on undisturbed. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await sleep(POLL_MS);
  }

  /** How many documents have their Markdown in a sub-folder of the output. */
  async written(subfolder: string): Promise<number> {
    const folder = join(this.output, subfolder);
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    return names.filter((name) => name.endsWith('.md')).length;
  }

  /** Listens to a task by raw requests, anew after every break, until it has ended. */
  async listen(id: string): Promise<TaskNews[]> {
    const news: TaskNews[] = [];
    while (!['completed', 'failed', 'cancelled'].includes(news.at(-1)?.status ?? '')) {
      await this.#listenOnce(id, news).catch(() => sleep(20));
    }
    return news;
  }

  async #listenOnce(id: string, news: TaskNews[]): Promise<void> {
    const stream = await this.#caller.listen([id]);
    for (;;) {
      const { method, params } = JSON.parse(await stream.data()) as {
        method?: string;
        params?: TaskNews;
      };
      if (method !== 'notifications/tasks' || params === undefined) continue;
      news.push(params);
      if (params.status !== 'working') return stream.cancel();
    }
  }

  ledger(): { readonly effects: readonly Row[]; readonly done: readonly Row[] } {
    const database = loadDriver().open(join(this.#folder, 'ledger.db'));
    const rows = (table: string): Row[] =>
      database.prepare(`SELECT key, path FROM ${table}`).all() as Row[];
    const ledger = { effects: rows('effect'), done: rows('done') };
    database.close();
    return ledger;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}
