import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Runner } from './command-run.ts';
import type { CreateFlags, KeyFileFlags } from './commands/keys.ts';

const UNIT_MS = { h: 3_600_000, d: 86_400_000 } as const;

/**
 * An end as people write it: `12h` and `90d` from now, or a date, which is over at its beginning in
 * UTC.
 *
 * @returns milliseconds since the epoch
 */
export function parseEnd(text: string): number {
  const [, figure, unit] = /^(\d{1,5})(h|d)$/.exec(text) ?? [];
  if (figure !== undefined) return Date.now() + Number(figure) * UNIT_MS[unit as 'h' | 'd'];
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text);
  const endMs = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(endMs))
    throw new InvalidArgumentError('Write 12h, 90d or a date as YYYY-MM-DD.');
  return endMs;
}

function parseScopes(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== '');
}

function addFile(command: Command): Command {
  return command
    .requiredOption('--file <file>', 'where the keys are kept; the server reads the same file')
    .addOption(new Option('--json', 'as one JSON document'));
}

const HELP = `
The key itself is shown once and kept nowhere. A running server takes up changes within a second.`;

/** `strom keys`: the API keys of a server. */
export function addKeys(program: Command, run: Runner): void {
  const keys = program.command('keys').description('make, list and revoke API keys');
  addFile(keys.command('create').description('make a key and print it'))
    .requiredOption('--name <name>', 'whose key it is')
    .option(
      '--scopes <list>',
      'what it may do, such as files:read,files:write; * for all',
      parseScopes,
    )
    .option('--expires <end>', '12h, 90d or a date (default: never)', parseEnd)
    .addHelpText('after', HELP)
    .action((flags: CreateFlags) =>
      run(flags, async (run) => (await import('./commands/keys.ts')).createKey(run, flags)),
    );
  addFile(keys.command('list').description('show all keys, without their secrets')).action(
    (flags: KeyFileFlags) =>
      run(flags, async (run) => (await import('./commands/keys.ts')).listKeys(run, flags)),
  );
  addFile(keys.command('revoke').description('let a key open nothing any more'))
    .argument('<id>', 'as list shows it')
    .action((id: string, flags: KeyFileFlags) =>
      run(flags, async (run) => (await import('./commands/keys.ts')).revokeKey(run, { id, flags })),
    );
}
