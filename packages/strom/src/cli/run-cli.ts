import { CommanderError } from 'commander';
import { type CliError, usageError } from './cli-error.ts';
import { describeError } from './describe-error.ts';
import type { Host } from './host.ts';
import { createPalette } from './live/palette.ts';
import { usesColor } from './live/view-mode.ts';
import { buildProgram } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * Runs one command line.
 *
 * @param argv - the words after the program's name
 * @returns the exit code of the process
 */
export async function runCli(argv: readonly string[], host: Host): Promise<number> {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  let exitCode = 0;
  const program = buildProgram({
    host,
    serverCommand: end < 0 ? undefined : argv.slice(end + 1),
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(own, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return refuse(error, own, host);
  }
}

/** Says what is wrong with a command line that no command could take. */
function refuse(thrown: unknown, own: readonly string[], host: Host): number {
  const { stderr, env } = host;
  const error =
    thrown instanceof CommanderError ? readably(thrown) : describeError(thrown, { label: 'strom' });
  reportError(error, {
    stream: stderr,
    palette: createPalette(usesColor(stderr, env)),
    isJson: own.includes('--json') || own.includes('--ndjson'),
    isVerbose: false,
  });
  return error.exitCode;
}

const HELP_HINT = 'strom --help and strom <command> --help say what there is.';

function readably(error: CommanderError): CliError {
  // Without a command the help has been shown already.
  if (error.code === 'commander.help') return usageError('no command is given');
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  return usageError(message, suggestion?.replace(/^\((.*)\)$/, '$1') ?? HELP_HINT);
}
