// The compiler writes plain files; the commands among them must be executable, and `npx` must find them:
// npm links commands on installation, when there are none yet. Part of `npm run build`.
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const PACKAGES = path.join(ROOT, 'packages');
const COMMANDS = path.join(ROOT, 'node_modules/.bin');

for (const folder of readdirSync(PACKAGES)) {
  const place = path.join(PACKAGES, folder);
  const { bin = {} } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
  for (const [name, file] of Object.entries(bin)) {
    const command = path.join(place, file);
    if (!existsSync(command)) continue;
    chmodSync(command, 0o755);
    const link = path.join(COMMANDS, name);
    // Windows has no links without further rights; there npm makes a script on the next installation.
    if (existsSync(link) || process.platform === 'win32') continue;
    rmSync(link, { force: true });
    symlinkSync(path.relative(COMMANDS, command), link);
  }
}
