import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunOptions } from '../../../src/serve/run-options.ts';
import type { Store } from '../../../src/server/store.ts';
import { loadDriver, type SqliteDatabase } from '../../../src/stores/sqlite/driver.ts';
import { sqliteStore } from '../../../src/stores/sqlite/sqlite-store.ts';
import { TestProcess } from '../../harness/child-process.ts';
import { type RawRequest, rawRequest, sendRaw } from '../../harness/raw-http.ts';
import { Relay } from '../../harness/relay.ts';
import { TaskCaller } from '../../harness/task-caller.ts';

/** Short, so that little time is spent waiting for those who were killed. */
const LEASE_MS = 400;

export interface Work {
  readonly what: string;
  readonly pid: number;
  readonly attempt: number;
}

export interface ProcessSetting {
  readonly server?: Readonly<Record<string, unknown>>;
  readonly run?: RunOptions;
}

/** A store and a ledger in files, and the processes that come and go on them behind one port. */
export class CrashPlace implements AsyncDisposable {
  readonly caller: TaskCaller;
  readonly relay: Relay;
  /** The same files, seen from here. */
  readonly store: Store;
  readonly #folder: string;
  readonly #ledger: SqliteDatabase;
  readonly #processes: TestProcess[] = [];

  private constructor(folder: string, relay: Relay, store: Store) {
    this.#folder = folder;
    this.relay = relay;
    this.store = store;
    this.#ledger = loadDriver().open(path.join(folder, 'ledger.db'));
    const send = (request: RawRequest) => sendRaw(relay.port, rawRequest(relay.port, request));
    this.caller = new TaskCaller({ url: this.url, send });
  }

  static async make(): Promise<CrashPlace> {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-crash-'));
    const store = await sqliteStore({ file: path.join(folder, 'store.db') });
    return new CrashPlace(folder, await Relay.start(), store);
  }

  get url(): string {
    return `http://127.0.0.1:${this.relay.port}/mcp`;
  }

  /** Starts a process; requests go to the one that was started last. */
  async start({ server, run }: ProcessSetting = {}): Promise<TestProcess> {
    const setting = {
      store: path.join(this.#folder, 'store.db'),
      ledger: path.join(this.#folder, 'ledger.db'),
      server: { taskLeaseMs: LEASE_MS, ...server },
      run: { allowedHosts: [`127.0.0.1:${this.relay.port}`], ...run },
    };
    const started = new TestProcess('../tasks/crash-fixture.mjs', [JSON.stringify(setting)]);
    this.#processes.push(started);
    const url = await started.line();
    if (url === undefined) throw new Error(`it did not start: ${started.stderr}`);
    this.relay.target = Number(new URL(url).port);
    return started;
  }

  /** Ends a process as a loss of power would, were it not for the disk. */
  async kill(killed: TestProcess): Promise<void> {
    this.relay.target = undefined;
    killed.child.kill('SIGKILL');
    await killed.exited;
  }

  /** Every time a tool did something, in order. */
  work(): readonly Work[] {
    return this.#ledger.prepare('SELECT * FROM work ORDER BY rowid').all() as Work[];
  }

  /** What happened elsewhere, by the key it was done under. */
  effects(): readonly string[] {
    const rows = this.#ledger.prepare('SELECT what FROM effect ORDER BY rowid').all();
    return (rows as { what: string }[]).map(({ what }) => what);
  }

  /** The kinds of the events a task has in its journal. */
  async kinds(id: string): Promise<string[]> {
    const events = await this.store.read(id, 0);
    return events.map(({ text }) => (JSON.parse(text) as { kind: string }).kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const started of this.#processes) {
      // One that is stopped takes this signal, too.
      await started[Symbol.asyncDispose]();
    }
    await this.relay[Symbol.asyncDispose]();
    await this.store.close();
    this.#ledger.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** The first line of a process that says this. */
export async function says(
  from: TestProcess,
  field: string,
): Promise<Readonly<Record<string, unknown>>> {
  for (;;) {
    const message = await from.message();
    if (Object.hasOwn(message, field)) return message;
  }
}
