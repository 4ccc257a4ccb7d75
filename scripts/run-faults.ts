/** Runs every test that belongs to a row of the catalogue of faults, wherever it stands. */
import { spawnSync } from 'node:child_process';
import { rowsOf } from './catalogue/rows.ts';
import { suites } from './catalogue/suites.ts';

const files = suites().flatMap(({ file, name }) => (rowsOf(name).length > 0 ? [file] : []));
const { status } = spawnSync('npx', ['vitest', 'run', ...new Set(files)], { stdio: 'inherit' });
process.exitCode = status ?? 1;
