import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const FOLDERS = ['packages/strom/test', 'packages/documents/test', 'scripts/test'];
/** `describe`, with whatever stands between it and its name, such as `.skipIf(!has('nginx'))`. */
const SUITE = /describe(?:\.\w+\((?:[^()]|\([^()]*\))*\))*\(\s*(['"`])(.+?)\1/g;

export interface Suite {
  /** Below the root of the repository. */
  readonly file: string;
  readonly name: string;
}

/** All suites there are. */
export function suites(): readonly Suite[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .flatMap((name) => suitesIn(`${folder}/${name}`)),
  );
}

function suitesIn(file: string): readonly Suite[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(SUITE)].map(([, , name = '']) => ({ file, name }));
}
