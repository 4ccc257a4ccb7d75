/**
 * Checks the tarball that would be published: everything `package.json` names is in it, nothing
 * else is, and every source map leads to a file that is.
 *
 * Usage: `npm run package`, which builds first
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageProblems } from './package/package-problems.ts';

const PACKAGE = path.join(import.meta.dirname, '../packages/strom');

function packedFiles(): ReadonlyMap<string, string> {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: PACKAGE,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as [{ files: { path: string }[] }];
  return new Map(
    packed.files.map((file) => [file.path, readFileSync(path.join(PACKAGE, file.path), 'utf8')]),
  );
}

const files = packedFiles();
const problems = packageProblems(files);
for (const problem of problems) console.error(problem);
console.log(`${files.size} files in the package, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
