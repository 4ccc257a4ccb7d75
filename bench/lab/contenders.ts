import type { Address, Carrier, Dialect } from '../load/requests.ts';
import { Child } from './child.ts';
import { SERVER_CORE } from './pin.ts';

export type Against = 'floor' | 'constant' | 'sdk-2' | 'sdk-1' | 'tmcp' | 'fastmcp' | 'self';

/** A server that takes part. */
export interface Contender {
  /** Below `bench/`. */
  readonly script: string;
  readonly dialect: Dialect;
  /** Default `http`. */
  readonly carrier?: Carrier;
  readonly args?: readonly string[];
  /** May use every core, not only that of the servers. */
  readonly isUnpinned?: boolean;
}

export const STROM: Contender = { script: 'servers/strom.mjs', dialect: 'stateless' };
export const STROM_CHECKED: Contender = { ...STROM, args: ['checked'] };
export const STROM_KEY: Contender = { ...STROM, args: ['key'] };
export const STROM_TOKEN: Contender = { ...STROM, args: ['token'] };
export const STROM_BURST: Contender = { ...STROM, args: ['burst'] };
export const STROM_HTTPS: Contender = { ...STROM, args: ['tls'], carrier: 'https' };
export const STROM_H2: Contender = { ...STROM_HTTPS, carrier: 'h2' };
export const STROM_UNPINNED: Contender = { ...STROM, isUnpinned: true };
export const STROM_WORKERS: Contender = { ...STROM_UNPINNED, args: ['workers'] };
export const FLOOR: Contender = { script: 'servers/floor.mjs', dialect: 'stateless' };
export const CONSTANT: Contender = { script: 'servers/constant.mjs', dialect: 'stateless' };
export const SDK_2: Contender = { script: 'peers/sdk-2.mjs', dialect: 'stateless' };
export const SDK_1: Contender = { script: 'peers/sdk-1.mjs', dialect: 'session' };
export const SDK_1_JSON: Contender = { ...SDK_1, args: ['json'] };
export const TMCP: Contender = { script: 'peers/tmcp.mjs', dialect: 'session' };
export const FASTMCP: Contender = { script: 'peers/fastmcp.mjs', dialect: 'session' };

/** Below this folder all scripts lie. */
export const BENCH_FOLDER = new URL('..', import.meta.url).pathname;

/** Where the load finds a contender's server. */
export function addressOf({ dialect, carrier = 'http' }: Contender, server: Child): Address {
  return { port: server.port, dialect, carrier, headers: server.headers };
}

/** Starts a contender's server on the servers' core. */
export function startContender(
  contender: Contender,
  nodeOptions: readonly string[] = [],
): Promise<Child> {
  const args = [...nodeOptions, contender.script, ...(contender.args ?? [])];
  return Child.start({
    core: contender.isUnpinned === true ? undefined : SERVER_CORE,
    args,
    cwd: BENCH_FOLDER,
  });
}
