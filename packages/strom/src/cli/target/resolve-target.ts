import type { CommandTarget } from '../../client/target.ts';
import { usageError } from '../cli-error.ts';
import { type Environment, expandEnv } from './expand-env.ts';
import { readConfig } from './read-config.ts';
import { readHeaders } from './read-headers.ts';

/** What the command line says about the server. */
export interface TargetWords {
  /** A URL or a name; absent where a command is given. */
  readonly word: string | undefined;
  /** What stands after `--`: a command to start and its arguments. */
  readonly command: readonly string[] | undefined;
  /** Where that is started; default: here. */
  readonly cwd?: string | undefined;
  readonly config: string | undefined;
  readonly headers: readonly string[];
  /** Variables for the command: `NAME` hands one on, `NAME=value` sets one. */
  readonly variables: readonly string[];
}

/** A server that can be connected to. */
export interface ResolvedTarget {
  readonly target: URL | CommandTarget;
  readonly headers: Readonly<Record<string, string>>;
  /** The server in a word, for messages: without query and credentials. */
  readonly label: string;
}

const HINT = 'Give a URL, a name with --config, or a command after --.';

/** @throws {CliError} `usage` */
export async function resolveTarget(words: TargetWords, env: Environment): Promise<ResolvedTarget> {
  const { word, command, cwd, config } = words;
  if (command !== undefined) {
    const [program, ...args] = command;
    if (program === undefined) throw usageError('no command stands after --', HINT);
    const target = { command: program, args, ...(cwd !== undefined && { cwd }) };
    return commandTarget(target, words, env);
  }
  if (word === undefined) throw usageError('no server is given', HINT);
  if (isWebUrl(word)) return urlTarget(word, {}, { words, env });
  if (config === undefined) throw notATarget(word);
  const server = await readConfig({ path: config, name: word, env });
  return 'url' in server
    ? urlTarget(server.url, server.headers, { words, env })
    : commandTarget(server.command, words, env);
}

export function isWebUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function notATarget(word: string): Error {
  const looksLikeAddress = /^(localhost|[\w-]+(\.[\w-]+)+|\[[\da-f:]+\])(:\d+)?(\/|$)/i.test(word);
  const isAddress = looksLikeAddress && URL.canParse(`http://${word}`);
  return usageError(
    `"${word}" is no http or https URL`,
    isAddress ? `Did you mean http://${word}? ${HINT}` : HINT,
  );
}

interface Situation {
  readonly words: TargetWords;
  readonly env: Environment;
}

async function urlTarget(
  text: string,
  configured: Readonly<Record<string, string>>,
  { words, env }: Situation,
): Promise<ResolvedTarget> {
  if (words.variables.length > 0) throw usageError('--env is for servers started by a command');
  if (!isWebUrl(text)) throw notATarget(text);
  const target = new URL(text);
  if (target.username !== '' || target.password !== '') {
    throw usageError(
      'credentials do not belong into a URL',
      `Use -H 'Authorization: Bearer \${TOKEN}', in single quotes.`,
    );
  }
  const headers = { ...configured, ...(await readHeaders(words.headers, env)) };
  return { target, headers, label: `${target.origin}${target.pathname}` };
}

function commandTarget(
  target: CommandTarget,
  words: TargetWords,
  env: Environment,
): ResolvedTarget {
  if (words.headers.length > 0) throw usageError('-H is for servers at a URL');
  const variables = Object.fromEntries(words.variables.map((text) => readVariable(text, env)));
  return {
    target: { ...target, env: { ...target.env, ...variables } },
    headers: {},
    label: target.command,
  };
}

function readVariable(text: string, env: Environment): [string, string] {
  const equals = text.indexOf('=');
  if (equals > 0) return [text.slice(0, equals), expandEnv(text.slice(equals + 1), env)];
  return [text, expandEnv(`\${${text}}`, env)];
}
