import { importsOf, isRelative, resolveRelative, type Sources } from './sources.ts';

/** The part of the repository a file belongs to: `packages/<name>`, or its top folder. */
function partOf(file: string): string {
  const [top = '', name = ''] = file.split('/', 2);
  return top === 'packages' ? `${top}/${name}` : top;
}

const OF_A_TEST = /^packages\/[^/]+\/test\//;

function crossesBorder(file: string, target: string): boolean {
  if (partOf(file) === partOf(target)) return false;
  if (OF_A_TEST.test(file) && OF_A_TEST.test(target)) return false;
  return file.startsWith('packages/') || /^packages\/[^/]+\/(src|dist)\//.test(target);
}

/**
 * Imports that reach into a package instead of using what it exports. Paths are those of the
 * repository.
 *
 * Tests and tools of a package may look into its own `src/`; nobody else looks into it. The tests of
 * other packages and the tools of the repository may use a package's test fixtures.
 */
export function borderViolations(
  sources: Sources,
  exportsOf: ReadonlyMap<string, ReadonlySet<string>>,
): readonly string[] {
  const found: string[] = [];
  for (const { file, specifier } of importsOf(sources)) {
    if (isRelative(specifier)) {
      const target = resolveRelative(file, specifier);
      if (crossesBorder(file, target)) found.push(`${file}: reaches into ${target}`);
      continue;
    }
    const name = nameOf(specifier);
    const known = exportsOf.get(name);
    if (known !== undefined && !known.has(`.${specifier.slice(name.length)}`)) {
      found.push(`${file}: ${specifier} is not exported`);
    }
  }
  return found;
}

/** The package a bare specifier names. */
function nameOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
