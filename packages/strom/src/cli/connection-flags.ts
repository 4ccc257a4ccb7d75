import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../base/log-level.ts';
import type { EraOption } from '../client/client-options.ts';
import type { OutputFlags } from './command-run.ts';
import { parseDuration } from './duration.ts';
import { PROGRESS_CHOICES } from './live/view-mode.ts';

/** Options of every command that talks over HTTP. */
export interface RequestFlags extends OutputFlags {
  readonly header?: readonly string[];
  readonly timeout?: number;
  readonly maxTime?: number;
}

/** Options of every command that talks MCP. */
export interface ConnectionFlags extends RequestFlags {
  readonly config?: string;
  readonly env?: readonly string[];
  readonly era: EraOption;
  readonly logLevel?: LogLevel;
}

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Adds what every command has that talks over HTTP. */
export function addRequestOptions(command: Command): Command {
  return command
    .option(
      '-H, --header <header>',
      `'Name: value' or @file; \${NAME} stands for an environment variable`,
      collect,
    )
    .option(
      '--timeout <duration>',
      'longest silence: 90, 90s, 500ms, 5m; 0 for none (default: 60s)',
      parseDuration,
    )
    .option('--max-time <duration>', 'longest time in all; 0 for none (default: 1h)', parseDuration)
    .option('-q, --quiet', 'only the result and errors')
    .option('-v, --verbose', 'more about the connection; stacks of errors');
}

/** Adds what every command has that talks MCP. */
export function addConnectionOptions(command: Command): Command {
  return addRequestOptions(command)
    .option('--config <file>', 'find the server by name in the mcpServers of this file')
    .option('--env <variable>', 'NAME or NAME=value for a server behind --', collect)
    .addOption(
      new Option('--era <era>', 'the dialect to speak')
        .choices(['auto', 'stateless', 'session', 'sse'])
        .default('auto'),
    );
}

/** Adds how live reports are shown. */
export function addProgressOption(command: Command): Command {
  return command.addOption(
    new Option('--progress <how>', 'how progress and logs are shown').choices(PROGRESS_CHOICES),
  );
}

export function addLogLevelOption(command: Command): Command {
  return command.addOption(
    new Option('--log-level <level>', 'least severe log messages to show').choices(LOG_LEVELS),
  );
}
