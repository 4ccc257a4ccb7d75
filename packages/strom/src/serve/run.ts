import cluster from 'node:cluster';
import { checkLimits } from '../base/check-limits.ts';
import { checkHttpOptions } from '../transports/http/http-host.ts';
import { checkExposure } from './check-exposure.ts';
import { runHttp } from './run-http.ts';
import type { Running, RunOptions } from './run-options.ts';
import { runStdio } from './run-stdio.ts';
import { runWorkers } from './run-workers.ts';
import type { Strom } from './strom.ts';

const UNSHARED_TASKS =
  'calls that become tasks may be asked for in any process, so the server needs a `store` that all ' +
  'of them share, such as sqliteStore({ file }) of strom/sqlite';

const LIMITS = [
  'headersTimeoutMs',
  'requestTimeoutMs',
  'connectionIdleMs',
  'drainTimeoutMs',
] as const satisfies readonly (keyof RunOptions)[];

/**
 * Opens the door the options name.
 *
 * @throws {TypeError} for an unknown transport, a setting that cannot hold, and a door that would be open too wide
 */
export function run(strom: Strom, options: RunOptions): Promise<Running> {
  checkHttpOptions(options);
  checkLimits(options, LIMITS);
  if (options.transport !== 'stdio') checkExposure(options);
  if (options.workers !== undefined && cluster.isPrimary) {
    if (options.transport === 'stdio') throw new TypeError('stdio serves one client: no workers');
    if (!strom.canBeShared) throw new TypeError(`workers: ${UNSHARED_TASKS}`);
    return runWorkers(strom, options.workers, options);
  }
  switch (options.transport ?? 'streamable-http') {
    case 'stdio':
      return runStdio(strom, options);
    case 'streamable-http':
      return runHttp(strom, options);
    case 'sse':
      return runHttp(strom, { ...options, legacySse: true });
    default:
      throw new TypeError('transport must be stdio, streamable-http or sse');
  }
}
