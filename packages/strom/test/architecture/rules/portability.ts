import { type Import, importsOf, isRelative, resolveRelative, type Sources } from './sources.ts';

/** Layers 0 to 4: they run in browsers and on web-standard servers. */
export const PORTABLE_FOLDERS = [
  'base',
  'protocol',
  'schema',
  'security',
  'calls',
  'session',
  'tasks',
  'server',
  'client',
] as const;

const isPortable = (file: string): boolean =>
  PORTABLE_FOLDERS.some((folder) => file.startsWith(`${folder}/`)) && !isNodeFile(file);

const isNodeFile = (file: string): boolean => /(^|\/)node-[^/]*$/.test(file);

const isNodeModule = (specifier: string): boolean => specifier.startsWith('node:');

/**
 * `node:` imports in portable folders outside `node-*.ts`, and such files loaded other than on
 * demand.
 */
export function portabilityViolations(sources: Sources): readonly string[] {
  return importsOf(sources)
    .filter(({ file }) => isPortable(file))
    .filter((imported) => isNodeModule(imported.specifier) || loadsNodeFile(imported))
    .map(({ file, specifier }) => `${file}: imports ${specifier}`);
}

function loadsNodeFile({ file, specifier, kind }: Import): boolean {
  return kind === 'value' && isRelative(specifier) && isNodeFile(resolveRelative(file, specifier));
}

/** The `node:` modules that loading an entry loads at once, as `file: specifier`. */
export function nodeModulesLoadedBy(entry: string, sources: Sources): readonly string[] {
  const values = importsOf(sources).filter(({ kind }) => kind === 'value');
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const { specifier } of values.filter((imported) => imported.file === file)) {
      if (isRelative(specifier)) reached.add(resolveRelative(file, specifier));
    }
  }
  return values
    .filter(({ file, specifier }) => reached.has(file) && isNodeModule(specifier))
    .map(({ file, specifier }) => `${file}: ${specifier}`);
}
