/**
 * Servers under attack. They run in a process of their own, one for the cases of a file, so that what
 * they hold can be told from what the attacker does.
 *
 * When a case is over, the server is asked for what {@link harmOf} looks at, compared with the base
 * line that was taken when the server had answered its first plain calls. A server that took no harm is
 * used again by the next case that wants the same options, and still compared with that base line. At
 * the end of the file, with all servers stopped, the process is compared with what it was at first.
 *
 * @module
 */
import { afterAll, expect } from 'vitest';
import type { ApiKeyRecord } from '../../../src/auth/keys/api-key.ts';
import type { RunOptions } from '../../../src/serve/run-options.ts';
import type { ServerOptions } from '../../../src/server/server-options.ts';
import type { LogRecord } from '../../harness/log-recorder.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { type RawAnswer, type RawRequest, rawRequest, sendRaw } from '../../harness/raw-http.ts';
import { type Callee, plainCall } from './plain-call.ts';
import { ProbedProcess } from './probed-process.ts';
import {
  type BaseLine,
  baseLineAfter,
  closeFetchConnections,
  harmOf,
  remainsIn,
} from './recovery.ts';

/** What runs for the first time compiles code and fills caches once. */
const WARM_UP_CALLS = 100;

/** Options that can be sent to another process. */
export interface VictimOptions {
  readonly server?: Omit<Partial<ServerOptions>, 'logger' | 'store' | 'clock'>;
  readonly run?: Omit<RunOptions, 'auth'>;
  /** Who may call; everybody by default. */
  readonly keys?: readonly ApiKeyRecord[];
  /** The key of a plain call. */
  readonly key?: string;
  /** Keep sessions and tasks in a store, in memory. */
  readonly hasStore?: boolean;
  /** Serve as a part of Express, which parses the bodies before. */
  readonly isEmbedded?: boolean;
  /** The heap of the process is collected before it outgrows this; beyond, the process dies. */
  readonly maxHeapMb?: number;
  /** Which process it runs in, where two run at a time: there is one process for each name. */
  readonly host?: string;
}

/** A process, and what is in it. */
interface Host {
  /** What it held before any attack. */
  readonly birth: BaseLine;
  /** The server of the last case. There is no other, which would count as harm to this one. */
  idle: Victim | undefined;
}

const hosts = new Map<string, Host>();
/** The most that a server held before it was attacked. */
let heapBytes = 0;

afterAll(async () => {
  for (const { birth, idle } of hosts.values()) {
    const { process } = birth;
    if (process.isAlive) await idle?.ask('stop');
    const remains = process.isAlive ? await remainsIn(birth, heapBytes) : [];
    await process[Symbol.asyncDispose]();
    expect(remains).toEqual([]);
  }
});

/** A server with the tools of `victim-tools.ts`, warmed up. */
export async function startVictim(options: VictimOptions = {}): Promise<Victim> {
  const name = JSON.stringify(options);
  const host = await hostOf(options);
  const { idle } = host;
  host.idle = undefined;
  if (idle?.name === name) {
    await idle.ask('forget');
    return idle;
  }
  await idle?.ask('stop');
  const { process } = host.birth;
  const url = await process.ask<string>('start', options);
  const callee = { url, key: options.key };
  const base = await baseLineAfter(process, async () => {
    for (let count = 0; count < WARM_UP_CALLS; count += 1) await plainCall(callee);
    if (options.hasStore === true) await openAndEnd(url);
  });
  heapBytes = Math.max(heapBytes, base.vitals.heapBytes);
  await process.ask('forget', { url });
  return new Victim({ name, host, callee, base });
}

async function hostOf({ maxHeapMb, host: name = '' }: VictimOptions): Promise<Host> {
  const key = `${name} ${maxHeapMb}`;
  const known = hosts.get(key);
  if (known?.birth.process.isAlive === true) return known;
  const options = maxHeapMb === undefined ? '' : `--max-old-space-size=${maxHeapMb}`;
  const env = { NODE_OPTIONS: options };
  const process = new ProbedProcess('../faults/support/victim-fixture.ts', [], { env });
  await process.line();
  // A server that comes and goes loads what is loaded once.
  const birth = await baseLineAfter(process, async () => {
    const url = await process.ask<string>('start', { run: { metrics: true } });
    await plainCall({ url });
    await readMetrics(url);
    await process.ask('stop', { url });
  });
  const host: Host = { birth, idle: undefined };
  hosts.set(key, host);
  return host;
}

/** The first session of a process that keeps them has it claim all it will open. */
async function openAndEnd(url: string): Promise<void> {
  const peer = await HttpPeer.at(url, '2025-11-25');
  await (await peer.terminate()).text();
  await closeFetchConnections();
}

async function readMetrics(url: string): Promise<void> {
  await (await fetch(new URL('/metrics', url))).text();
  await closeFetchConnections();
}

interface VictimParts {
  readonly name: string;
  readonly host: Host;
  readonly callee: Callee;
  readonly base: BaseLine;
}

/** As much of a server as an attack needs. */
export type Target = Pick<Victim, 'port' | 'origin' | 'url' | 'send' | 'checkAlive'>;

export class Victim implements AsyncDisposable {
  /** Of the options it was started with. */
  readonly name: string;
  readonly process: ProbedProcess;
  readonly port: number;
  /** Without a path. */
  readonly origin: string;
  /** Where Streamable HTTP is served. */
  readonly url: string;
  readonly #parts: VictimParts;

  constructor(parts: VictimParts) {
    const { origin, port } = new URL(parts.callee.url);
    this.name = parts.name;
    this.process = parts.base.process;
    this.url = parts.callee.url;
    this.origin = origin;
    this.port = Number(port);
    this.#parts = parts;
  }

  /** Writes one request on a connection of its own and reads the answer. */
  send(request: RawRequest): Promise<RawAnswer> {
    return sendRaw(this.port, rawRequest(this.port, request));
  }

  /** Calls a tool the plain way, as somebody else; throws unless it works. */
  checkAlive(): Promise<void> {
    return plainCall(this.#parts.callee);
  }

  ask<Value>(command: string, name?: string): Promise<Value> {
    return this.process.ask(command, { url: this.url, name });
  }

  /** What a tool has noted down: how often it was called, unless the tool says otherwise. */
  noted<Value = number>(name: string): Promise<Value> {
    return this.ask('noted', name);
  }

  /** Ends the waiting of tools that wait for the test. */
  letGo(): Promise<void> {
    return this.ask('letGo');
  }

  /** Forgets the highest use of memory so far; gives the resident memory in MB at this moment. */
  startPeak(): number {
    this.process.resetPeak();
    return this.process.memoryMb('VmRSS');
  }

  /** What was logged in this case, of one level. */
  async logs(level: LogRecord['level']): Promise<LogRecord[]> {
    const records = await this.ask<LogRecord[]>('logs');
    return records.filter((record) => record.level === level);
  }

  /** The longest time for which the server did nothing else while something was done to it, in ms. */
  async delayDuring(work: () => Promise<unknown>): Promise<number> {
    await this.ask('watchDelay');
    await work();
    return this.ask('delay');
  }

  /** What the attack has done to the server; empty when it took no harm. */
  harm(patienceMs?: number): Promise<string[]> {
    return harmOf(this.#parts.base, () => this.checkAlive(), patienceMs);
  }

  /** Checks that the server took no harm. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.isAlive) await this.ask('forget');
    const harm = await this.harm();
    if (harm.length === 0) this.#parts.host.idle = this;
    else await this.process[Symbol.asyncDispose]();
    expect(harm).toEqual([]);
  }
}
