// The compiler writes plain files; the commands among them must be executable for `npx` to find
// them usable. Part of `npm run build`.
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PACKAGES = path.join(import.meta.dirname, '../packages');

for (const name of readdirSync(PACKAGES)) {
  const folder = path.join(PACKAGES, name);
  const { bin = {} } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  for (const file of Object.values(bin)) {
    const command = path.join(folder, file);
    if (existsSync(command)) chmodSync(command, 0o755);
  }
}
