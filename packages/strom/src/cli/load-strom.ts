import { access } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Strom } from '../serve/strom.ts';
import type { Store } from '../server/store.ts';
import { CliError, usageError } from './cli-error.ts';

const EXPORT_HINT = 'Export it: export const strom = new Strom({ name, version }).';

const STORE_HINT =
  'Export a function: export default ({ store }) => new Strom({ name, version, store }).';

/** What a module may export that makes its server when it is known what to make it with. */
export interface ServeSetting {
  /** The store of `--store`; `strom serve` closes it. */
  readonly store: Store | undefined;
}

/**
 * Imports a module and finds its server: the default export or one named `strom`, or a function
 * there that returns it.
 *
 * @param store - to be handed to the function, and used by the server it returns
 */
export async function loadStrom(module: string, store: Store | undefined): Promise<Strom> {
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
    const made = await madeBy(candidate, module, { store });
    if (isStrom(made)) return withStore(made, store);
  }
  throw usageError(`what ${module} exports is no Strom`, EXPORT_HINT);
}

/** A server has its store from the start: one that was made without cannot be given one. */
function withStore(strom: Strom, store: Store | undefined): Strom {
  if (store === undefined || strom.store === store) return strom;
  throw usageError('the module makes a server that does not use the store of --store', STORE_HINT);
}

async function madeBy(candidate: unknown, module: string, setting: ServeSetting): Promise<unknown> {
  if (typeof candidate !== 'function') return candidate;
  try {
    return await candidate(setting);
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
