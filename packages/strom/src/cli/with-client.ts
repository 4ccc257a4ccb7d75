import type { LogFields, Logger } from '../base/logger.ts';
import type { Client } from '../client/client.ts';
import { type ConnectOptions, DEFAULT_CONNECT_TIMEOUT_MS } from '../client/client-options.ts';
import { connect } from '../client/connect.ts';
import type { CommandTarget } from '../client/target.ts';
import { chooseFetch } from './choose-fetch.ts';
import type { CommandRun } from './command-run.ts';
import type { ConnectionFlags } from './connection-flags.ts';
import { plainLine } from './live/terminal-text.ts';
import { terminalQuestions } from './questions/terminal-questions.ts';
import { type ResolvedTarget, resolveTarget } from './target/resolve-target.ts';

/** Where a command finds its server. */
export interface ServerWords {
  readonly word: string | undefined;
  readonly command: readonly string[] | undefined;
  /** Where the command is started; default: here. */
  readonly cwd?: string | undefined;
}

/** Connects, hands the client to `use`, and closes it however that ends. */
export async function withClient(
  run: CommandRun,
  words: ServerWords & { readonly flags: ConnectionFlags },
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const { flags } = words;
  const { config, header: headers = [], env: variables = [] } = flags;
  const resolved = await resolveTarget({ ...words, config, headers, variables }, run.host.env);
  run.label = resolved.label;
  const client = await connect(
    prepareTarget(run, resolved.target),
    await connectOptions(run, resolved, flags),
  );
  try {
    const { name, version, revision, transport } = client.server;
    run.detail(`connected to ${plainLine(name)} ${plainLine(version)}: ${revision}, ${transport}`);
    await use(client);
  } finally {
    await client.close();
  }
}

/** What a server behind a command says on its standard error is shown above the progress. */
function prepareTarget(run: CommandRun, target: ResolvedTarget['target']): URL | CommandTarget {
  if (target instanceof URL) return target;
  const onLine = (line: string): void => run.view.note(plainLine(line), 'faint');
  return { ...target, stderr: run.flags.quiet ? 'ignore' : onLine, ownProcessGroup: true };
}

async function connectOptions(
  run: CommandRun,
  { target, headers }: ResolvedTarget,
  flags: ConnectionFlags,
): Promise<ConnectOptions> {
  const { host, view, interrupt } = run;
  const { timeout, maxTime, logLevel, era } = flags;
  const needs = { env: host.env, timeoutMs: timeout };
  const fetch = target instanceof URL ? await chooseFetch({ ...needs, url: target }) : undefined;
  return {
    clientInfo: { name: 'strom-cli', version: host.version },
    era,
    headers,
    handlers: terminalQuestions({
      input: host.stdin,
      output: host.stderr,
      view,
      // The question that is open has the terminal; nothing else can be asked.
      onInterrupt: () => interrupt.stop('interrupted'),
    }),
    logger: warningsIn(run),
    signal: interrupt.signal,
    connectTimeoutMs: Math.min(
      DEFAULT_CONNECT_TIMEOUT_MS,
      timeout ?? Infinity,
      maxTime ?? Infinity,
    ),
    ...(fetch !== undefined && { fetch }),
    ...(timeout !== undefined && { idleTimeoutMs: timeout }),
    ...(maxTime !== undefined && { totalTimeoutMs: maxTime }),
    ...(logLevel !== undefined && { logLevel }),
  };
}

/** Shows what the client warns of. */
function warningsIn({ view }: CommandRun): Logger {
  const nothing = (): void => undefined;
  const show = (fields: LogFields, message: string): void => {
    view.note(`${message}${factsOf(fields)}`, 'warning');
  };
  return { debug: nothing, info: nothing, warn: show, error: show };
}

function factsOf(fields: LogFields): string {
  const facts = Object.entries(fields).map(([name, value]) => {
    const text = value instanceof Error ? value.message : (JSON.stringify(value) ?? 'none');
    return `${name}: ${plainLine(text)}`;
  });
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}
