import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RunOptions } from '../../../src/serve/run-options.ts';
import type { Store } from '../../../src/server/store.ts';
import { loadDriver, type SqliteDatabase } from '../../../src/stores/sqlite/driver.ts';
import { sqliteStore } from '../../../src/stores/sqlite/sqlite-store.ts';
import { plainCall } from '../../faults/support/plain-call.ts';
import { ProbedProcess } from '../../faults/support/probed-process.ts';
import { type BaseLine, baseLineAfter, harmOf } from '../../faults/support/recovery.ts';
import type { TestProcess } from '../../harness/child-process.ts';
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

/** What a process holds on a store of its own, once it has served a little and ended a task. */
let twin: Promise<BaseLine> | undefined;

async function baseLineOfTwin(): Promise<BaseLine> {
  await using place = await CrashPlace.make();
  const process = await place.start();
  const base = await baseLineAfter(process, async () => {
    for (let count = 0; count < 20; count += 1) await place.checkAlive();
    await place.caller.until(await place.caller.start('quick'), 'completed');
  });
  await process[Symbol.asyncDispose]();
  return base;
}

/**
 * A store and a ledger in files, and the processes that come and go on them behind one port. In the
 * end the one that was started last holds no more than one whose predecessors were not killed.
 */
export class CrashPlace implements AsyncDisposable {
  readonly caller: TaskCaller;
  readonly relay: Relay;
  /** The same files, seen from here. */
  readonly store: Store;
  readonly #folder: string;
  readonly #ledger: SqliteDatabase;
  readonly #processes: ProbedProcess[] = [];

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
  async start({ server, run }: ProcessSetting = {}): Promise<ProbedProcess> {
    const setting = {
      store: path.join(this.#folder, 'store.db'),
      ledger: path.join(this.#folder, 'ledger.db'),
      server: { taskLeaseMs: LEASE_MS, ...server },
      run: { allowedHosts: [`127.0.0.1:${this.relay.port}`], ...run },
    };
    const started = new ProbedProcess('../tasks/crash-fixture.mjs', [JSON.stringify(setting)]);
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

  /** Has a process stop until it is told to go on, as a machine does that is put to sleep. */
  async freeze(frozen: TestProcess): Promise<void> {
    frozen.write('freeze\n');
    const isStopped = async (): Promise<boolean> =>
      / T /.test(await readFile(`/proc/${frozen.child.pid}/stat`, 'latin1'));
    while (!(await isStopped())) await pause(1);
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

  /** Calls a tool of the process that was started last; throws unless it works. */
  checkAlive(): Promise<void> {
    return plainCall({ url: this.url });
  }

  /** What the end of the others has done to the one that was started last. */
  async #harm(): Promise<string[]> {
    const last = this.#processes.at(-1);
    if (last?.isAlive !== true) return [];
    twin ??= baseLineOfTwin();
    return harmOf({ ...(await twin), process: last }, () => this.checkAlive());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const harm = await this.#harm();
    for (const started of this.#processes) {
      // One that is stopped takes this signal, too.
      await started[Symbol.asyncDispose]();
    }
    await this.relay[Symbol.asyncDispose]();
    await this.store.close();
    this.#ledger.close();
    await rm(this.#folder, { recursive: true });
    expect(harm).toEqual([]);
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
