// npm links the commands of the packages when it installs, and there are none yet. So the build does it, and
// `npx` finds them. A link that is there already stays, whatever made it.
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { builtCommands, ROOT } from './built-commands.mjs';

const LINKS = path.join(ROOT, 'node_modules/.bin');

for (const { name, file } of builtCommands()) {
  const link = path.join(LINKS, name);
  // Windows has no links without further rights; there npm makes a script on the next installation.
  if (existsSync(link) || process.platform === 'win32') continue;
  // One that leads nowhere is not there, and yet in the way.
  rmSync(link, { force: true });
  symlinkSync(path.relative(LINKS, file), link);
}
