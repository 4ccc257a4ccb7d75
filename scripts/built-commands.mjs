import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** The commands of all packages that are built, by name, with the file that each of them runs. */
export function builtCommands() {
  const packages = path.join(ROOT, 'packages');
  const commands = readdirSync(packages).flatMap((folder) => {
    const place = path.join(packages, folder);
    const { bin = {} } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
    return Object.entries(bin).map(([name, file]) => ({ name, file: path.join(place, file) }));
  });
  return commands.filter(({ file }) => existsSync(file));
}
