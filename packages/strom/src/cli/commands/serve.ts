import cluster from 'node:cluster';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Running, RunOptions, Transport } from '../../serve/run-options.ts';
import type { Strom } from '../../serve/strom.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandRun, OutputFlags } from '../command-run.ts';

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
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly workers?: number;
}

export interface ServeWords {
  readonly module: string;
  readonly flags: ServeFlags;
}

/** `strom serve`: opens a door to the server that a module exports, until told to leave. */
export async function runServe(run: CommandRun, { module, flags }: ServeWords): Promise<void> {
  const strom = await loadStrom(module);
  const running = await open(strom, flags);
  // Workers run the same program again; what they say is said once, by the primary.
  if (running.url !== undefined && cluster.isPrimary) announce(run, strom, running.url);
  await running.closed;
}

function announce({ view }: CommandRun, strom: Strom, url: string): void {
  const { name, version } = strom.identity;
  view.note(`${name} ${version} is at ${url} (Ctrl-C stops it)`);
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
  return {
    transport,
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
    ...(mcpPath !== undefined && { path: mcpPath }),
    ...(allowedHost !== undefined && { allowedHosts: [...allowedHost] }),
    ...(allowedOrigin !== undefined && { allowedOrigins: [...allowedOrigin] }),
    ...(legacySse !== undefined && { legacySse }),
    ...(tls !== undefined && { tls }),
    ...(flags.workers !== undefined && { workers: flags.workers }),
  };
}

/** What other machines need before they may connect. */
async function callerOptions(flags: ServeFlags): Promise<RunOptions> {
  const { publicUrl, apiKeys: file, behindProxy, allowAnonymous } = flags;
  const { apiKeys } = await import('../../auth/keys/api-keys.ts');
  return {
    ...(publicUrl !== undefined && { publicUrl }),
    ...(file !== undefined && { auth: [apiKeys({ file })] }),
    ...(behindProxy !== undefined && { behindProxy }),
    ...(allowAnonymous !== undefined && { allowAnonymous }),
  };
}

function tlsOption({ tls, cert, key }: ServeFlags): RunOptions['tls'] {
  if (cert === undefined && key === undefined) return tls === true ? 'dev' : undefined;
  if (tls === true) throw usageError('--tls makes a certificate; leave it out with --cert');
  if (cert === undefined || key === undefined) throw usageError('--cert and --key go together');
  return { cert, key };
}

function listenError(cause: unknown, { port, host }: ServeFlags): unknown {
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
      return cause;
  }
}

const EXPORT_HINT = 'Export it: export const strom = new Strom({ name, version }).';

/**
 * Imports a module and finds its server: the default export or one named `strom`, or a function
 * there that returns it.
 */
async function loadStrom(module: string): Promise<Strom> {
  const file = path.resolve(module);
  await access(file).catch(() => {
    throw usageError(`there is no file ${module}`);
  });
  const exported = await importModule(file, module);
  const candidates = [exported['default'], exported['strom']].filter((item) => item !== undefined);
  if (candidates.length === 0) {
    throw usageError(`${module} exports neither a default nor strom`, EXPORT_HINT);
  }
  for (const candidate of candidates) {
    const made = await madeBy(candidate, module);
    if (isStrom(made)) return made;
  }
  throw usageError(`what ${module} exports is no Strom`, EXPORT_HINT);
}

async function madeBy(candidate: unknown, module: string): Promise<unknown> {
  if (typeof candidate !== 'function') return candidate;
  try {
    return await candidate();
  } catch (cause) {
    throw moduleError(`${module} fails while it makes its server`, cause);
  }
}

function moduleError(what: string, cause: unknown): CliError {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return new CliError('usage', `${what}: ${problem}`, { cause });
}

/** By its shape: the module may have a copy of the library of its own. */
function isStrom(value: unknown): value is Strom {
  const { run, tool } = (value ?? {}) as Partial<Strom>;
  return typeof run === 'function' && typeof tool === 'function';
}

async function importModule(file: string, module: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const hint = 'Build it to JavaScript first, or run: node --import tsx $(which strom) serve …';
      throw new CliError('usage', `Node cannot load ${module} as it is`, { cause, hint });
    }
    throw moduleError(`${module} fails while it is loaded`, cause);
  }
}
