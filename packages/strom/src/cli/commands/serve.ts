import cluster from 'node:cluster';
import type { Running, RunOptions, Transport } from '../../serve/run-options.ts';
import type { Strom } from '../../serve/strom.ts';
import type { Store } from '../../server/store.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandRun, OutputFlags } from '../command-run.ts';
import { loadStrom } from '../load-strom.ts';

export interface ServeFlags extends OutputFlags {
  readonly transport: Transport;
  readonly port?: number;
  readonly host?: string;
  readonly path?: string;
  readonly publicUrl?: string;
  readonly apiKeys?: string;
  readonly behindProxy?: boolean;
  readonly allowAnonymous?: boolean;
  readonly allowedHost?: readonly string[];
  readonly allowedOrigin?: readonly string[];
  readonly legacySse?: boolean;
  readonly trustedProxy?: readonly string[];
  readonly metrics?: boolean;
  readonly publicMetrics?: boolean;
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly workers?: number;
  readonly store?: string;
}

export interface ServeWords {
  readonly module: string;
  readonly flags: ServeFlags;
}

/** What only a server that listens has. */
const DOOR_FLAGS = [
  'port',
  'host',
  'path',
  'publicUrl',
  'apiKeys',
  'behindProxy',
  'allowAnonymous',
  'allowedHost',
  'allowedOrigin',
  'legacySse',
  'trustedProxy',
  'metrics',
  'publicMetrics',
  'tls',
  'cert',
  'key',
  'workers',
] as const satisfies readonly (keyof ServeFlags)[];

/** `strom serve`: opens a door to the server that a module exports, until told to leave. */
export async function runServe(run: CommandRun, { module, flags }: ServeWords): Promise<void> {
  checkFlags(flags);
  const store = await openStore(flags);
  try {
    const strom = await loadStrom(module, store);
    const running = await open(strom, flags);
    // Workers run the same program again; what they say is said once, by the primary.
    if (running.url !== undefined && cluster.isPrimary) {
      announce(run, strom, running.url);
      if (flags.tls === true) await announceCertificate(run);
    }
    await running.closed;
    await strom.settled();
  } finally {
    await store?.close();
  }
}

/** What protects nothing is not to look as if it did. */
function checkFlags(flags: ServeFlags): void {
  if (flags.transport !== 'stdio') return;
  const given = DOOR_FLAGS.filter((name) => flags[name] !== undefined);
  if (given.length === 0) return;
  throw usageError(
    `--transport stdio listens nowhere, and takes no ${given.map(spelled).join(', ')}`,
  );
}

/** A flag as it is written on the command line. */
function spelled(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

async function openStore({ store: file }: ServeFlags): Promise<Store | undefined> {
  if (file === undefined) return undefined;
  const { sqliteStore } = await import('../../stores/sqlite/sqlite-store.ts');
  try {
    return await sqliteStore({ file });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('usage', `--store ${file} cannot be used: ${problem}`, { cause });
  }
}

function announce({ view }: CommandRun, strom: Strom, url: string): void {
  const { name, version } = strom.identity;
  view.note(`${name} ${version} is at ${url} (Ctrl-C stops it)`);
}

/** A certificate that nobody has signed is refused by every client that was not told of it. */
async function announceCertificate({ view }: CommandRun): Promise<void> {
  const { devCertificateFiles } = await import('../../serve/dev-certificate.ts');
  const { cert } = devCertificateFiles();
  view.note(
    `programs on Node trust it with NODE_EXTRA_CA_CERTS=${cert}, curl with --cacert ${cert}`,
  );
}

async function open(strom: Strom, flags: ServeFlags): Promise<Running> {
  try {
    return await strom.run({ ...runOptions(flags), ...(await callerOptions(flags)) });
  } catch (cause) {
    throw listenError(cause, flags);
  }
}

function runOptions(flags: ServeFlags): RunOptions {
  const { transport, port, host, path: mcpPath, allowedHost, allowedOrigin, legacySse } = flags;
  const tls = tlsOption(flags);
  const metrics = flags.publicMetrics === true ? 'public' : flags.metrics;
  return {
    transport,
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(mcpPath !== undefined && { path: mcpPath }),
    ...(allowedHost !== undefined && { allowedHosts: [...allowedHost] }),
    ...(allowedOrigin !== undefined && { allowedOrigins: [...allowedOrigin] }),
    ...(legacySse !== undefined && { legacySse }),
    ...(metrics !== undefined && { metrics }),
    ...(tls !== undefined && { tls }),
    ...(flags.workers !== undefined && { workers: flags.workers }),
  };
}

/** What other machines need before they may connect. */
async function callerOptions(flags: ServeFlags): Promise<RunOptions> {
  const { publicUrl, apiKeys: file, behindProxy, allowAnonymous, trustedProxy } = flags;
  const { apiKeys } = await import('../../auth/keys/api-keys.ts');
  return {
    ...(publicUrl !== undefined && { publicUrl }),
    ...(file !== undefined && { auth: [apiKeys({ file })] }),
    ...(behindProxy !== undefined && { behindProxy }),
    ...(trustedProxy !== undefined && { trustedProxies: trustedProxy }),
    ...(allowAnonymous !== undefined && { allowAnonymous }),
  };
}

function tlsOption({ tls, cert, key }: ServeFlags): RunOptions['tls'] {
  if (cert === undefined && key === undefined) return tls === true ? 'dev' : undefined;
  if (tls === true) throw usageError('--tls makes a certificate; leave it out with --cert');
  if (cert === undefined || key === undefined) throw usageError('--cert and --key go together');
  return { cert, key };
}

const FLAGS_HINT =
  'Settings are flags here: publicUrl is --public-url, auth is --api-keys; strom serve --help.';

function listenError(cause: unknown, { port, host, workers }: ServeFlags): unknown {
  if (cause instanceof TypeError)
    return new CliError('usage', cause.message, { cause, hint: FLAGS_HINT });
  const { code } = cause as NodeJS.ErrnoException;
  const place = `${host ?? '127.0.0.1'}:${port ?? 3000}`;
  switch (code) {
    case 'EADDRINUSE':
      return usageError(`${place} is taken by another program`, 'Choose another --port; 0 is any.');
    case 'EACCES':
      return usageError(`${place} may not be used`, 'Ports below 1024 need more rights.');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return usageError(`${host} is no address of this machine`, 'Choose another --host.');
    default:
      // A worker that cannot serve says why by itself.
      if (workers === undefined || cluster.isWorker) return cause;
      return usageError(cause instanceof Error ? cause.message : String(cause));
  }
}
