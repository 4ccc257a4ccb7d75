import type { Child } from './child.ts';
import { type Contender, startContender } from './contenders.ts';
import { Load } from './load.ts';

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  readonly measureMs: number;
  /** Rounds of the works that count calls. */
  readonly callRounds: number;
  /** The same beside peers, from which the distance is so large that fewer tell it. */
  readonly peerRounds: number;
  /** Rounds of the works that differ most between rounds: rare delays, processes that share cores. */
  readonly steadyRounds: number;
  readonly callMs: number;
  /** In so many turns a round of those works measures everyone: short ones, which lie close together. */
  readonly turns: number;
  /** Measured time of the first round, in which engines compile what they run most. */
  readonly warmUpRoundMs: number;
  readonly ticks: number;
  readonly idleStreams: number;
  readonly floodNotes: number;
  /** Rounds of the works that fill memory; they vary little and take long. */
  readonly idleRounds: number;
  readonly floodRounds: number;
}

export const FULL: Effort = {
  rounds: 9,
  measureMs: 700,
  callRounds: 11,
  peerRounds: 7,
  steadyRounds: 19,
  callMs: 380,
  turns: 8,
  warmUpRoundMs: 1500,
  ticks: 250,
  idleStreams: 5000,
  floodNotes: 1_000_000,
  idleRounds: 2,
  floodRounds: 2,
};

export const QUICK: Effort = {
  rounds: 3,
  measureMs: 200,
  callRounds: 3,
  peerRounds: 2,
  steadyRounds: 3,
  callMs: 90,
  turns: 1,
  warmUpRoundMs: 600,
  ticks: 60,
  idleStreams: 500,
  floodNotes: 100_000,
  idleRounds: 1,
  floodRounds: 1,
};

/** The load process and the servers of one run. */
export class Lab implements AsyncDisposable {
  readonly effort: Effort;
  readonly load: Load;
  readonly #servers = new Map<string, Promise<Child>>();

  private constructor(effort: Effort, load: Load) {
    this.effort = effort;
    this.load = load;
  }

  static async open(effort: Effort): Promise<Lab> {
    return new Lab(effort, await Load.start());
  }

  /** The server of a contender, started on first use. */
  server(contender: Contender): Promise<Child> {
    const { script, args = [], isUnpinned = false, carrier } = contender;
    // One that serves HTTP/1.1 and HTTP/2 at a time is compiled for both.
    const key = [script, ...args, isUnpinned, carrier].join(' ');
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    const started = startContender(contender);
    this.#servers.set(key, started);
    return started;
  }

  /** Ends all servers, so that what comes next has the machine for itself. */
  async stopServers(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    for (const server of servers) await (await server)[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServers();
    await this.load[Symbol.asyncDispose]();
  }
}
