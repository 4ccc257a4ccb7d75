/**
 * Several processes behind one port. The primary runs the program again in each worker and serves
 * nothing itself; a worker that dies is replaced.
 *
 * @module
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { StateSealer } from '../server/state-sealer.ts';
import { handOverAgain } from './hand-over-again.ts';
import { DEFAULT_HOST, type Running, type RunOptions } from './run-options.ts';
import { leaveOnSignal } from './signals.ts';
import type { Strom } from './strom.ts';
import { TeamCounts } from './team-counts.ts';
import { WORKER_ENV, type WorkerSetup } from './worker.ts';

/** A worker that serves for less than this has failed, and so may the one in its place. */
const MIN_LIFE_MS = 1_000;
/** Between one that failed and the one in its place; twice as long after each that fails as well. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * A worker has semi-spaces of 32 MB from the start, up to 96 MB for young objects in all, unless the program
 * says it in another way, and collects them half as often as Node does by itself. Each time it waits for
 * helper threads of V8, which have no core of their own where every core has an event loop: that costs a busy
 * team a fifth of its speed.
 */
const YOUNG_FLAGS = ['--min-semi-space-size=32', '--max-semi-space-size=32'];
const YOUNG_FLAG = /--m(?:in|ax)[-_]semi[-_]space[-_]size/;

/**
 * Starts the workers; resolves when every one of them listens, or when all have ended because they were told
 * to before that.
 *
 * @throws {Error} if one of them ends before; then the others are ended as well
 */
export async function runWorkers(
  strom: Strom,
  count: number,
  { port, host, handleSignals }: Pick<RunOptions, 'port' | 'host' | 'handleSignals'>,
): Promise<Running> {
  if (!Number.isInteger(count) || count < 1) throw new TypeError('workers must be 1 or more');
  const team = new Team(strom, {
    freePort: port === 0 ? await findFreePort(host) : undefined,
    directory: await mkdtemp(path.join(tmpdir(), 'strom-')),
    stateKey: Buffer.from(StateSealer.randomKey()).toString('base64'),
  });
  cluster.setupPrimary({ execArgv: workerFlags() });
  const done = new AbortController();
  // Workers are told by the primary, and drain their calls whoever asks.
  const close = (): Promise<void> => team.close();
  // Also while they start: their folder is not to be left behind.
  if (handleSignals !== false) {
    leaveOnSignal({ leave: close, done: done.signal, logger: strom.logger });
  }
  const closed = team.closed.then(() => done.abort());
  const [url] = await team.startAll(count);
  if (url !== undefined) strom.logger.info({ url, workers: count }, 'listening');
  return { url, closed, legacyUses: () => [], drain: close, close };
}

/**
 * One port for all workers, whichever of them comes first: also for those in the place of others that died
 * at once, when nothing holds the port any more.
 */
async function findFreePort(host = DEFAULT_HOST): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function workerFlags(): string[] {
  const { NODE_OPTIONS: environment = '' } = process.env;
  const given = cluster.settings.execArgv ?? process.execArgv;
  const isSaid = [environment, ...given].some((flag) => YOUNG_FLAG.test(flag));
  return isSaid ? given : [...YOUNG_FLAGS, ...given];
}

class Team {
  readonly closed: Promise<void>;
  readonly #strom: Strom;
  readonly #setup: Omit<WorkerSetup, 'index'>;
  readonly #workers = new Map<number, Worker>();
  /** Those that listen. */
  readonly #serving = new Set<number>();
  /** How often in a row one failed that was started in this place. */
  readonly #failures = new Map<number, number>();
  readonly #pauses = new Map<number, NodeJS.Timeout>();
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

  /** Starts as many workers, and gives the URL each of them serves; none if told to close meanwhile. */
  async startAll(count: number): Promise<readonly string[]> {
    try {
      return await Promise.all(Array.from({ length: count }, (_, index) => this.#start(index)));
    } catch (error) {
      const wasTold = this.#isClosing;
      await this.close();
      if (wasTold) return [];
      throw error;
    }
  }

  /** Starts one worker and gives the URL it serves; once that listens, it is replaced when it ends. */
  async #start(index: number): Promise<string> {
    const setup: WorkerSetup = { ...this.#setup, index };
    const worker = cluster.fork({ [WORKER_ENV]: JSON.stringify(setup) });
    this.#workers.set(index, worker);
    handOverAgain(worker, () => this.#othersServe(index));
    // Whatever is said to one that has just ended fails here; only its end counts.
    worker.on('error', (error) => {
      this.#strom.logger.debug({ err: error, worker: index }, 'a worker was not reached');
    });
    const announced = new Promise<string>((resolve) => {
      worker.on('message', (message: unknown) => {
        if (hasUrl(message)) resolve(message.url);
        else this.#counts.receive(index, message, [...this.#serving]);
      });
    });
    const gone = endOf(worker).then(() => this.#forget(index));
    const url = await Promise.race([announced, gone]);
    if (url === undefined) throw new Error(`worker ${index} ended before it listened`);
    this.#serving.add(index);
    const sinceMs = Date.now();
    // Nobody waits for the end of a worker that serves.
    void gone.then(() => this.#replace(index, Date.now() - sinceMs < MIN_LIFE_MS));
    return url;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.process.kill('SIGTERM');
    await Promise.all(workers.map((worker) => worker.isDead() || endOf(worker)));
    await rm(this.#setup.directory, { recursive: true, force: true });
    this.#settle();
  }

  #othersServe(index: number): boolean {
    const others = [...this.#serving].filter((other) => other !== index);
    return others.some((other) => this.#workers.get(other)?.isConnected());
  }

  #forget(index: number): undefined {
    this.#workers.delete(index);
    this.#serving.delete(index);
    this.#counts.left(index);
  }

  /** Starts another in the place of one that ended; with pauses, while they fail. */
  #replace(index: number, hasFailed: boolean): void {
    if (this.#isClosing) return;
    const failures = hasFailed ? (this.#failures.get(index) ?? 0) + 1 : 0;
    this.#failures.set(index, failures);
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    const inMs = hasFailed ? pauseMs : 0;
    this.#strom.logger.warn({ worker: index, inMs }, 'a worker ended and is replaced');
    // Where no other worker is left, this timer is all that keeps the process alive.
    const pause = setTimeout(() => this.#restart(index), inMs);
    this.#pauses.set(index, pause);
  }

  #restart(index: number): void {
    this.#start(index).catch((error: unknown) => {
      if (this.#isClosing) return;
      this.#strom.logger.error({ err: error, worker: index }, 'a worker could not be replaced');
      this.#replace(index, true);
    });
  }
}

/** Resolves when a worker has ended; also for one that could not even be started. */
function endOf(worker: Worker): Promise<void> {
  // The end of the channel comes with every end, where `exit` does not.
  return new Promise((resolve) => worker.process.once('close', () => resolve()));
}

function hasUrl(message: unknown): message is { readonly url: string } {
  return typeof (message as { url?: unknown } | null)?.url === 'string';
}
