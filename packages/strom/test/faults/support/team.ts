import { readdirSync } from 'node:fs';
import { type RawAnswer, type RawRequest, rawRequest, sendRaw } from '../../harness/raw-http.ts';
import { HTTP1_VISITS } from './mixed-calls.ts';
import { plainCall } from './plain-call.ts';
import type { Vitals } from './probe.ts';
import { ProbedProcess } from './probed-process.ts';
import { type BaseLine, baseLineAfter, harmOf, type Watched } from './recovery.ts';
import type { Target } from './victim.ts';

const WARM_UP_CALLS = 50;
const WARM_UP_ROUNDS = 3;

/** One worker, seen through its primary. */
class WatchedWorker implements Watched {
  readonly pid: number;
  readonly exited: Promise<number | null>;
  readonly #primary: ProbedProcess;

  constructor(primary: ProbedProcess, pid: number) {
    this.#primary = primary;
    this.pid = pid;
    this.exited = primary.exited;
  }

  get stderr(): string {
    return this.#primary.stderr;
  }

  vitals(): Promise<Vitals> {
    return this.#primary.ask('vitalsOf', this.pid);
  }

  openDescriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}

/** The base lines of processes that serve together. */
async function baseLinesAfter(
  [process, ...others]: readonly Watched[],
  warmUp: () => Promise<void>,
): Promise<readonly BaseLine<Watched>[]> {
  if (process === undefined) {
    await warmUp();
    return [];
  }
  let known: readonly BaseLine<Watched>[] = [];
  const base = await baseLineAfter(process, async () => {
    known = await baseLinesAfter(others, warmUp);
  });
  return [base, ...known];
}

/**
 * For as long as it listens, Node holds the worker that was the first to ask for the port, whether it
 * lives or not.
 */
function withFirstWorker<Process extends Watched>(base: BaseLine<Process>): BaseLine<Process> {
  const counts: Record<string, number> = { ...base.vitals.counts };
  for (const name of ['ChildProcess', 'Control', 'Worker']) {
    counts[`emitters of ${name}`] = (counts[`emitters of ${name}`] ?? 0) + 1;
  }
  return { ...base, vitals: { ...base.vitals, counts } };
}

/** A server of two workers with the tools of `victim-tools.ts`. */
export class Team implements Target, AsyncDisposable {
  readonly url: string;
  readonly origin: string;
  readonly port: number;
  readonly #primary: ProbedProcess;
  /** Of the primary, and of the workers it started with. */
  #bases: readonly BaseLine<Watched>[] = [];

  private constructor(primary: ProbedProcess, url: string) {
    this.#primary = primary;
    this.url = url;
    this.origin = new URL(url).origin;
    this.port = Number(new URL(url).port);
  }

  /** Starts a team and has it do everything once that is done to it later. */
  static async start(): Promise<Team> {
    const primary = new ProbedProcess('../faults/support/team-fixture.ts');
    const url = await primary.line();
    if (url === undefined) throw new Error(`no team: ${primary.stderr}`);
    const team = new Team(primary, url);
    const all = [primary, ...(await team.#watched())];
    const [first, ...others] = await baseLinesAfter(all, async () => {
      for (let count = 0; count < WARM_UP_CALLS; count += 1) await team.checkAlive();
      await team.serve(WARM_UP_ROUNDS);
    });
    if (first === undefined) throw new Error('there is no primary');
    team.#bases = [withFirstWorker(first), ...others];
    return team;
  }

  /** Has clients of all kinds come and go so often, at the same time. */
  async serve(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(HTTP1_VISITS.map((visit) => visit(this, round)));
    }
  }

  send(request: RawRequest): Promise<RawAnswer> {
    return sendRaw(this.port, rawRequest(this.port, request));
  }

  /** One call for each worker, which take connections in turn. */
  async checkAlive(): Promise<void> {
    for (let worker = 0; worker < 2; worker += 1) await plainCall({ url: this.url });
  }

  /** The processes that serve now. */
  pids(): Promise<readonly number[]> {
    return this.#primary.ask('workers');
  }

  /** What has become of which process; a worker that came later is compared with the first. */
  async harm(): Promise<string[]> {
    const [primary, worker, ...others] = this.#bases;
    if (primary === undefined || worker === undefined) throw new Error('the team was not started');
    const workers = (await this.#watched()).map((process) => {
      const base = [worker, ...others].find((known) => isSame(known.process, process)) ?? worker;
      return { ...base, process };
    });
    const harm: string[] = [];
    for (const base of [primary, ...workers]) {
      const found = await harmOf(base, () => this.checkAlive());
      harm.push(...found.map((each) => `${base === primary ? 'primary' : 'worker'}: ${each}`));
    }
    return harm;
  }

  async #watched(): Promise<readonly WatchedWorker[]> {
    return (await this.pids()).map((pid) => new WatchedWorker(this.#primary, pid));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#primary[Symbol.asyncDispose]();
  }
}

function isSame(known: Watched, process: WatchedWorker): boolean {
  return known instanceof WatchedWorker && known.pid === process.pid;
}
