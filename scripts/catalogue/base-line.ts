import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const SUPPORT = 'packages/strom/test/faults/support';

/** What compares a process with what it was before the attack, and fails where it is not as it was. */
const CHECKS = ['base-line.ts', 'recovery.ts', 'stdio-server.ts', 'victim.ts'].map(
  (name) => `${SUPPORT}/${name}`,
);

const IMPORT = /^(?:import|export) (?:[^;]*? from )?'(\.[^']+\.ts)';$/gm;

/** Files of rows after whose cases no process is compared with what it was before, and why. */
export const NOT_HELD: Readonly<Record<string, string>> = {
  'scripts/test/deps.test.ts': 'judges lock files, in no server',
  'scripts/test/package-problems.test.ts': 'judges what is packed, in no server',
};

/** Whether sockets, timers, listeners, memory and a plain call are checked after the cases of a file. */
export function isHeld(file: string, seen = new Set<string>()): boolean {
  if (CHECKS.includes(file)) return true;
  if (seen.has(file) || !file.includes('/test/') || !existsSync(path.join(ROOT, file)))
    return false;
  seen.add(file);
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(IMPORT)].some(([, name = '']) =>
    isHeld(path.join(path.dirname(file), name), seen),
  );
}

/** How many of these files are held to the base line, and the reasons of the others. */
export function renderHeld(files: readonly string[]): string {
  const others = files.filter((file) => !isHeld(file));
  const lines = others.map((file) => `  ${file}: ${NOT_HELD[file] ?? 'no reason is given'}`);
  const held = files.length - others.length;
  return [`${held} of ${files.length} files are held to the base line; not:`, ...lines].join('\n');
}
