/**
 * The commands of `strom` and their options. What a command does is in `commands/`, loaded when it
 * is used.
 *
 * @module
 */
import { Command, Option } from 'commander';
import { usageError } from './cli-error.ts';
import { type CommandRun, type OutputFlags, runCommand } from './command-run.ts';
import type { CallFlags } from './commands/call.ts';
import type { ReportFlags } from './commands/report.ts';
import type { StreamFlags } from './commands/stream.ts';
import {
  addConnectionOptions,
  addLogLevelOption,
  addProgressOption,
  addRequestOptions,
  type ConnectionFlags,
} from './connection-flags.ts';
import type { Host } from './host.ts';
import { addKeys } from './keys-command.ts';
import { addServe } from './serve-command.ts';
import { addTask } from './task-command.ts';

/** One run of the program. */
export interface Invocation {
  readonly host: Host;
  /** What stands after `--`. */
  readonly serverCommand: readonly string[] | undefined;
  /** Takes the exit code of the command that ran. */
  readonly finish: (exitCode: number) => void;
}

const TARGETS = `
A server is a URL, a name with --config, or a command after --:
  strom list http://127.0.0.1:3000/mcp
  strom list docs --config mcp.json
  strom list -- node server.js

Exit codes: 0 done, 1 usage or other error, 3 sign in, 4 unreachable, 5 the tool failed,
124 time is up, 130 interrupted.`;

/** Builds the command line; parsing it runs one command. */
export function buildProgram(invocation: Invocation): Command {
  const program = new Command('strom')
    .description('Call MCP tools and watch them work; serve them; read plain HTTP streams.')
    .version(invocation.host.version)
    .exitOverride()
    // What is wrong is said by the caller, in one form for every error.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', TARGETS);
  addServe(program, (flags, work) => {
    refuseServerCommand(invocation);
    return run(invocation, flags, work);
  });
  addList(program, invocation);
  addCall(program, invocation);
  addRead(program, invocation);
  addPrompt(program, invocation);
  addStream(program, invocation);
  addReport(program, invocation);
  addTask(program, invocation.serverCommand, (flags, work) => run(invocation, flags, work));
  addKeys(program, (flags, work) => {
    refuseServerCommand(invocation);
    return run(invocation, flags, work);
  });
  return program;
}

async function run<Flags extends OutputFlags>(
  { host, finish }: Invocation,
  flags: Flags,
  work: (run: CommandRun) => Promise<void>,
): Promise<void> {
  finish(await runCommand(host, flags, work));
}

function refuseServerCommand({ serverCommand }: Invocation): void {
  if (serverCommand !== undefined) throw usageError('a command after -- has no meaning here');
}

const json = (): Option => new Option('--json', 'the whole answer as one JSON document');

function raw(): Option {
  return new Option('--raw', 'the content byte for byte, images and the like included').conflicts(
    'json',
  );
}

/** What commander hands to an action: each argument, then the options, then the command. */
type Given<Flags> = [...(string | string[] | Flags | Command | undefined)[]];

/**
 * The words of a command line in order. Which of them is the server depends on whether a command
 * stands after `--`, so the names of the arguments are for the help only.
 */
function take<Flags>(given: Given<Flags>): { words: readonly string[]; flags: Flags } {
  const words = given.slice(0, -2).flat() as (string | undefined)[];
  const flags = given.at(-2) as Flags;
  return { words: words.filter((word) => word !== undefined), flags };
}

const SERVER_ARGUMENT = 'a URL, or a name with --config; left out where -- names a command';

function addList(program: Command, invocation: Invocation): void {
  const command = program
    .command('list')
    .description('show tools, resources and prompts of a server')
    .argument('[server]', SERVER_ARGUMENT);
  addConnectionOptions(command)
    .addOption(json())
    .action(async (...given: Given<ConnectionFlags>) => {
      const { words, flags } = take(given);
      await run(invocation, flags, async (run) => {
        const { runList } = await import('./commands/list.ts');
        await runList(run, { words, command: invocation.serverCommand, flags });
      });
    });
}

const CALL_HELP = `
Arguments are name=text, typed as the tool's schema says, or name:=JSON:
  strom call http://127.0.0.1:3000/mcp convert_folder folder=reports recursive=true
  strom call process_files 'paths:=["a.pdf","b.docx"]' -- node documents.js`;

function addCall(program: Command, invocation: Invocation): void {
  const command = program
    .command('call')
    .description('call a tool and watch it work')
    .argument('[server]', SERVER_ARGUMENT)
    .argument('[tool]')
    .argument('[arguments...]', 'name=value, or name:=JSON');
  addLogLevelOption(addProgressOption(addConnectionOptions(command)))
    .option('--args <json>', 'all arguments as a JSON object, @file, or - for standard input')
    .addOption(json())
    .addOption(
      new Option('--ndjson', 'every event as a line of JSON, as it comes').conflicts('json'),
    )
    .addOption(raw().conflicts('ndjson'))
    .option('--detach', 'leave it running as a task and print its id; see strom task')
    .option('--idempotency-key <key>', 'join the call of this key instead of beginning it twice')
    .addHelpText('after', CALL_HELP)
    .action(async (...given: Given<CallFlags>) => {
      const { words, flags } = take(given);
      await run(invocation, flags, async (run) => {
        const { runCall } = await import('./commands/call.ts');
        await runCall(run, { words, command: invocation.serverCommand, flags });
      });
    });
}

function addRead(program: Command, invocation: Invocation): void {
  const command = program
    .command('read')
    .description('print a resource')
    .argument('[server]', SERVER_ARGUMENT)
    .argument('[uri]');
  addConnectionOptions(command)
    .addOption(json())
    .addOption(raw())
    .action(async (...given: Given<ConnectionFlags>) => {
      const { words, flags } = take(given);
      await run(invocation, flags, async (run) => {
        const { runRead } = await import('./commands/read.ts');
        await runRead(run, { words, command: invocation.serverCommand, flags });
      });
    });
}

function addPrompt(program: Command, invocation: Invocation): void {
  const command = program
    .command('prompt')
    .description('print the messages of a prompt')
    .argument('[server]', SERVER_ARGUMENT)
    .argument('[prompt]')
    .argument('[arguments...]', 'name=text');
  addConnectionOptions(command)
    .addOption(json())
    .action(async (...given: Given<ConnectionFlags>) => {
      const { words, flags } = take(given);
      await run(invocation, flags, async (run) => {
        const { runPrompt } = await import('./commands/prompt.ts');
        await runPrompt(run, { words, command: invocation.serverCommand, flags });
      });
    });
}

function addStream(program: Command, invocation: Invocation): void {
  const command = program
    .command('stream')
    .description('read a plain HTTP stream and print each piece as it arrives')
    .argument('<url>', 'such as http://127.0.0.1:3000/stream/<tool>')
    .argument('[arguments...]', 'name=text or name:=JSON, as the body of a POST');
  addProgressOption(addRequestOptions(command))
    .option('--data <json>', 'the arguments as a JSON object, @file, or - for standard input')
    .addOption(
      new Option('-X, --request <method>', 'default: POST with arguments, else GET').choices([
        'GET',
        'POST',
      ]),
    )
    .option('--accept <types>', 'the form to ask for, as in the header Accept')
    .option('--ndjson', 'every piece as a line of JSON')
    .action(async (url: string, words: string[], flags: StreamFlags) => {
      refuseServerCommand(invocation);
      await run(invocation, flags, async (run) => {
        const { runStream } = await import('./commands/stream.ts');
        await runStream(run, { url, words, flags });
      });
    });
}

function addReport(program: Command, invocation: Invocation): void {
  const report = program
    .command('report')
    .description('what servers have counted and written down');
  const migration = report
    .command('migration')
    .description('clients that still use HTTP+SSE or an old revision, from /metrics or from a log')
    .argument('[url]', 'of the server, which runs with metrics')
    .option('--metrics <url>', 'the same')
    .option('--log <file>', 'an access log, one JSON line a request; - for standard input');
  addRequestOptions(migration)
    .addOption(json())
    .action(async (url: string | undefined, flags: ReportFlags) => {
      refuseServerCommand(invocation);
      await run(invocation, flags, async (run) => {
        const { runMigrationReport } = await import('./commands/report.ts');
        await runMigrationReport(run, { url, flags });
      });
    });
}
