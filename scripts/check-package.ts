/**
 * Checks the tarball that would be published: everything `package.json` names is in it, nothing
 * else is, and every source map leads to a file that is.
 *
 * Usage: `npm run package`, after a build
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PACKAGE = path.join(import.meta.dirname, '../packages/strom');
const WANTED = ['package.json', 'README.md', 'LICENSE'];
const KNOWN = [/^package\.json$/, /^README\.md$/, /^LICENSE$/, /^dist\//, /^src\/.*\.ts$/];

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
}

function packedFiles(): ReadonlySet<string> {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: PACKAGE,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as [{ files: { path: string }[] }];
  return new Set(packed.files.map((file) => file.path));
}

function read(file: string): string {
  return readFileSync(path.join(PACKAGE, file), 'utf8');
}

/** Files that `package.json` promises. */
function promisedFiles(): readonly string[] {
  const { exports, bin } = JSON.parse(read('package.json')) as Manifest;
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  return [
    ...WANTED,
    ...[...targets, ...Object.values(bin)].map((file) => path.posix.normalize(file)),
  ];
}

/** What a compiled file was compiled from; a leftover of an older build has no source. */
function sourceOf(file: string): string {
  return file.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
}

function mapTargets(file: string): readonly string[] {
  const { sources } = JSON.parse(read(file)) as { sources: string[] };
  return sources.map((source) => path.posix.join(path.posix.dirname(file), source));
}

function problemsOf(files: ReadonlySet<string>): readonly string[] {
  const problems = promisedFiles()
    .filter((file) => !files.has(file))
    .map((file) => `${file} is promised and missing`);
  for (const file of files) {
    if (!KNOWN.some((pattern) => pattern.test(file))) problems.push(`${file} does not belong here`);
    if (file.startsWith('dist/') && !files.has(sourceOf(file))) {
      problems.push(`${file} has no source; delete dist and build again`);
    }
    if (!file.endsWith('.map')) continue;
    const lost = mapTargets(file).filter((target) => !files.has(target));
    problems.push(...lost.map((target) => `${file} leads to ${target}, which is not packed`));
  }
  const { bin } = JSON.parse(read('package.json')) as Manifest;
  for (const file of Object.values(bin)) {
    if (files.has(path.posix.normalize(file)) && !read(file).startsWith('#!/usr/bin/env node\n')) {
      problems.push(`${file} is a command without its first line`);
    }
  }
  return problems;
}

const files = packedFiles();
const problems = problemsOf(files);
for (const problem of problems) console.error(problem);
console.log(`${files.size} files in the package, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
