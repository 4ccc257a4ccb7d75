import path from 'node:path';

/** Paths below the package, with their texts. */
export type PackedFiles = ReadonlyMap<string, string>;

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
}

const WANTED = ['package.json', 'README.md', 'LICENSE'];
const KNOWN = [/^package\.json$/, /^README\.md$/, /^LICENSE$/, /^dist\//, /^src\/.*\.ts$/];
const SHEBANG = '#!/usr/bin/env node\n';

/**
 * What is wrong with a package as it would be published: promised files that are missing, files that
 * do not belong there, leftovers of older builds, maps that lead nowhere.
 */
export function packageProblems(files: PackedFiles): readonly string[] {
  const manifest = JSON.parse(files.get('package.json') ?? '{"exports":{},"bin":{}}') as Manifest;
  const missing = promisedFiles(manifest).filter((file) => !files.has(file));
  const commands = Object.values(manifest.bin).map((file) => path.posix.normalize(file));
  return [
    ...missing.map((file) => `${file} is promised and missing`),
    ...commands
      .filter((file) => files.get(file)?.startsWith(SHEBANG) === false)
      .map((file) => `${file} is a command without its first line`),
    ...[...files].flatMap(([file, text]) => fileProblems(file, text, files)),
  ];
}

function promisedFiles({ exports, bin }: Manifest): readonly string[] {
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const named = [...targets, ...Object.values(bin)].map((file) => path.posix.normalize(file));
  return [...new Set([...WANTED, ...named])];
}

function fileProblems(file: string, text: string, files: PackedFiles): readonly string[] {
  const problems: string[] = [];
  if (!KNOWN.some((pattern) => pattern.test(file))) problems.push(`${file} does not belong here`);
  if (file.startsWith('dist/') && !files.has(sourceOf(file))) {
    problems.push(`${file} has no source; delete dist and build again`);
  }
  if (file.endsWith('.map')) {
    const lost = mapTargets(file, text).filter((target) => !files.has(target));
    problems.push(...lost.map((target) => `${file} leads to ${target}, which is not packed`));
  }
  return problems;
}

/** What a compiled file was compiled from. */
function sourceOf(file: string): string {
  return file.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
}

function mapTargets(file: string, text: string): readonly string[] {
  const { sources } = JSON.parse(text) as { sources: string[] };
  return sources.map((source) => path.posix.join(path.posix.dirname(file), source));
}
