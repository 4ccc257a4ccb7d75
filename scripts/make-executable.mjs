// The compiler writes plain files; the commands among them must be executable.
import { chmodSync } from 'node:fs';
import { builtCommands } from './built-commands.mjs';

for (const { file } of builtCommands()) chmodSync(file, 0o755);
