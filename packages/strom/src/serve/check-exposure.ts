import { canonicalAddress, isLoopbackAddress } from '../base/ip-address.ts';
import { isLoopbackName } from '../security/host.ts';
import type { RunOptions } from './run-options.ts';

const LOOPBACK = '127.0.0.1';

/**
 * Refuses to open a door to others without saying under which names and to whom, or to let
 * credentials travel in the clear.
 *
 * @throws {TypeError} naming the settings that are missing
 */
export function checkExposure(options: RunOptions): void {
  checkMetrics(options);
  const { host, auth = [], tls, behindProxy, allowAnonymous } = options;
  if (host === undefined) return;
  if (typeof host !== 'string') throw new TypeError('host: must be an address, as a text');
  if (isOfThisMachine(host)) return;
  const missing: string[] = [];
  if (options.publicUrl === undefined && (options.allowedHosts ?? []).length === 0) {
    missing.push('publicUrl or allowedHosts (the names it answers to)');
  }
  if (auth.length === 0 && allowAnonymous !== true) {
    missing.push('auth (who may call) or allowAnonymous');
  }
  if (missing.length > 0) {
    throw new TypeError(`host ${host} lets other machines connect; set ${missing.join(', and ')}`);
  }
  if (auth.length > 0 && tls === undefined && behindProxy !== true) {
    throw new TypeError(
      `host ${host} with auth and without TLS shows credentials to everybody on the way; ` +
        'set tls, or behindProxy where a proxy speaks TLS for this server',
    );
  }
}

/** Who calls what is nothing for everybody, unless somebody says that it is. */
function checkMetrics({
  host,
  publicUrl,
  allowedHosts = [],
  auth = [],
  metrics,
}: RunOptions): void {
  if (metrics !== true || auth.length > 0) return;
  const names = [...allowedHosts.map((name) => `http://${name}`), publicUrl ?? ''];
  // What is no name is refused by whoever reads the names, with better words.
  const hosts = names.filter((name) => URL.canParse(name)).map((name) => new URL(name).hostname);
  if ([...hosts, host ?? LOOPBACK].every(isOfThisMachine)) return;
  throw new TypeError(
    'metrics of a server that others reach would tell everybody who calls what; ' +
      "set auth, or metrics: 'public'",
  );
}

/** Names and addresses of this machine that no other machine reaches. */
function isOfThisMachine(host: string): boolean {
  return isLoopbackName(host.toLowerCase()) || isLoopbackAddress(canonicalAddress(host) ?? '');
}
