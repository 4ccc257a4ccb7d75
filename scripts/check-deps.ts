/**
 * Checks what the project stands on: known vulnerabilities, licences, install scripts, pinned bytes and
 * versions of Node out of the lockfile, and what is behind its newest version. Installs nothing.
 *
 * Usage: `npm run deps`; exits with 1 if a check failed. A check the registry would not answer is
 * skipped, and said to be. `-- --offline` leaves out what only a registry knows.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { minVersion } from 'semver';
import { type CheckRow, renderRows, sumOf } from './deps/check-row.ts';
import {
  type AllowedScripts,
  checkInstallScripts,
  checkLicences,
  checkNodeRanges,
  checkPins,
} from './deps/lock-checks.ts';
import { type Lockfile, packagesOf } from './deps/lockfile.ts';
import { readAudit, readOutdated } from './deps/registry-checks.ts';

const ROOT = path.join(import.meta.dirname, '..');
const TIMEOUT_MS = 120_000;

interface Manifest {
  readonly allowScripts?: AllowedScripts;
  readonly engines: { readonly node: string };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
}

/** What npm wrote, whatever its exit code: it has findings in the same place as failures. */
function npm(...words: readonly string[]): string {
  const { stdout } = spawnSync('npm', [...words, '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return stdout ?? '';
}

function registryRows(): readonly CheckRow[] {
  const lockOnly = '--package-lock-only';
  return [
    readAudit(npm('audit', lockOnly, '--omit=dev'), { check: 'audit, published', from: 'low' }),
    readAudit(npm('audit', lockOnly), { check: 'audit, all', from: 'high' }),
    readOutdated(npm('outdated')),
  ];
}

const packages = packagesOf(readJson('package-lock.json') as Lockfile);
const { allowScripts = {}, engines } = readJson('package.json') as Manifest;
const rows = [
  checkLicences(packages),
  checkInstallScripts(packages, allowScripts),
  checkPins(packages),
  checkNodeRanges(packages, minVersion(engines.node)?.version ?? ''),
  ...(process.argv.includes('--offline') ? [] : registryRows()),
];
console.log(renderRows(rows));
console.log(`\n${sumOf(rows)}`);
if (rows.some(({ state }) => state === 'failed')) process.exitCode = 1;
