import { isLoopbackName } from '../security/host.ts';
import type { RunOptions } from './run-options.ts';

/**
 * Refuses to open a door to others without saying under which names and to whom, or to let
 * credentials travel in the clear.
 *
 * @throws {TypeError} naming the settings that are missing
 */
export function checkExposure(options: RunOptions): void {
  const { host, auth = [], tls, behindProxy, allowAnonymous } = options;
  if (host === undefined || isLoopbackAddress(host)) return;
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

/** Names and addresses of this machine that no other machine reaches. */
function isLoopbackAddress(host: string): boolean {
  return isLoopbackName(host.toLowerCase()) || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
