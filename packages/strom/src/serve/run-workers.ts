/**
 * Several processes behind one port. The primary runs the program again in each worker and serves
 * nothing itself; a worker that dies is replaced.
 *
 * @module
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StateSealer } from '../server/state-sealer.ts';
import { handOverAgain } from './hand-over-again.ts';
import type { Running } from './run-options.ts';
import { leaveOnSignal } from './signals.ts';
import type { Strom } from './strom.ts';
import { TeamCounts } from './team-counts.ts';
import { WORKER_ENV, type WorkerSetup } from './worker.ts';

const MIN_LIFE_MS = 1_000;

/**
 * A worker collects young objects half as often as Node does by itself, unless the program says it in
 * another way. Each time it waits for helper threads of V8, which have no core of their own where every core
 * has an event loop: that costs a busy team a fifth of its speed.
 */
const SEMI_SPACE_FLAG = '--max-semi-space-size';
const SEMI_SPACE_MB = 32;

/** Starts the workers; resolves when every one of them listens. */
export async function runWorkers(strom: Strom, count: number): Promise<Running> {
  if (!Number.isInteger(count) || count < 1) throw new TypeError('workers must be 1 or more');
  const team = new Team(strom, {
    directory: await mkdtemp(path.join(tmpdir(), 'strom-')),
    stateKey: Buffer.from(StateSealer.randomKey()).toString('base64'),
  });
  cluster.setupPrimary({ execArgv: workerFlags() });
  const urls = await Promise.all(Array.from({ length: count }, (_, index) => team.start(index)));
  const done = new AbortController();
  const close = (): Promise<void> => team.close();
  // Workers are told by the primary, and drain their calls whoever asks.
  leaveOnSignal({ leave: close, done: done.signal, logger: strom.logger });
  const closed = team.closed.then(() => done.abort());
  strom.logger.info({ url: urls[0], workers: count }, 'listening');
  return { url: urls[0], closed, legacyUses: () => [], drain: close, close };
}

/** Flags that come later hold; what the environment says would come before ours. */
function workerFlags(): string[] {
  const { NODE_OPTIONS: environment = '' } = process.env;
  const given = cluster.settings.execArgv ?? process.execArgv;
  if (environment.includes(SEMI_SPACE_FLAG)) return given;
  return [`${SEMI_SPACE_FLAG}=${SEMI_SPACE_MB}`, ...given];
}

class Team {
  readonly closed: Promise<void>;
  readonly #strom: Strom;
  readonly #setup: Omit<WorkerSetup, 'index'>;
  readonly #workers = new Map<number, Worker>();
  /** Those that listen. */
  readonly #serving = new Set<number>();
  readonly #counts = new TeamCounts((index, message) => {
    // Whoever is gone has nothing to tell; its end is heard of as well.
    this.#workers.get(index)?.send(message, () => undefined);
  });
  #isClosing = false;
  #settle = (): void => undefined;

  constructor(strom: Strom, setup: Omit<WorkerSetup, 'index'>) {
    this.#strom = strom;
    this.#setup = setup;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Starts one worker and gives the URL it serves. */
  async start(index: number): Promise<string> {
    const startedMs = Date.now();
    const setup: WorkerSetup = { ...this.#setup, index };
    const worker = cluster.fork({ [WORKER_ENV]: JSON.stringify(setup) });
    this.#workers.set(index, worker);
    handOverAgain(worker, () => this.#othersServe(index));
    const announced = new Promise<string>((resolve) => {
      worker.on('message', (message: unknown) => {
        if (hasUrl(message)) resolve(message.url);
        else this.#counts.receive(index, message, [...this.#serving]);
      });
    });
    const gone = once(worker, 'exit').then(() => this.#onExit(index, startedMs));
    const url = await Promise.race([announced, gone]);
    if (url === undefined) throw new Error(`worker ${index} ended before it listened`);
    this.#serving.add(index);
    return url;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.process.kill('SIGTERM');
    await Promise.all(workers.map((worker) => worker.isDead() || once(worker, 'exit')));
    await rm(this.#setup.directory, { recursive: true, force: true });
    this.#settle();
  }

  #othersServe(index: number): boolean {
    const others = [...this.#serving].filter((other) => other !== index);
    return others.some((other) => this.#workers.get(other)?.isConnected());
  }

  #onExit(index: number, startedMs: number): undefined {
    this.#workers.delete(index);
    this.#serving.delete(index);
    this.#counts.left(index);
    if (this.#isClosing) return;
    const livedMs = Date.now() - startedMs;
    if (livedMs < MIN_LIFE_MS) {
      this.#strom.logger.error({ worker: index }, 'a worker ended at once and is not replaced');
      return;
    }
    this.#strom.logger.warn({ worker: index }, 'a worker ended and is replaced');
    this.start(index).catch((error: unknown) => {
      this.#strom.logger.error({ err: error, worker: index }, 'a worker could not be replaced');
    });
  }
}

function hasUrl(message: unknown): message is { readonly url: string } {
  return typeof (message as { url?: unknown } | null)?.url === 'string';
}
