/**
 * Servers by name, from a configuration file as many MCP programs write it.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import type { CommandTarget } from '../../client/target.ts';
import { usageError } from '../cli-error.ts';
import { suggest } from '../suggest.ts';
import { type Environment, expandEnv } from './expand-env.ts';
import { headerValue } from './read-headers.ts';
import { readTextFile } from './read-source.ts';

/** A server of the file: at a URL, or behind a command. */
export type ConfiguredServer =
  | { readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly command: CommandTarget };

export interface ConfigQuery {
  readonly path: string;
  readonly name: string;
  readonly env: Environment;
}

/**
 * Reads one server of a file with `mcpServers` (or `servers`), variables expanded.
 *
 * @throws {CliError} `usage` saying what is wrong with the file, or which name may be meant
 */
export async function readConfig({ path, name, env }: ConfigQuery): Promise<ConfiguredServer> {
  const servers = serversIn(parse(await readTextFile(path), path), path);
  const entry = ownValue(servers, name);
  if (entry === undefined) {
    const names = Object.keys(servers);
    const hint = suggest(name, names) ?? `It has: ${names.join(', ') || 'none'}.`;
    throw usageError(`${path} has no server called ${name}`, hint);
  }
  const reader = new EntryReader(entry, `${path}: ${name}`, env);
  return reader.read();
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would repeat pieces of a file that may hold secrets.
    throw usageError(`${path} is no JSON`);
  }
}

function serversIn(config: unknown, path: string): JsonObject {
  const root = isJsonObject(config) ? config : {};
  const servers = ownValue(root, 'mcpServers') ?? ownValue(root, 'servers');
  if (!isJsonObject(servers)) {
    throw usageError(
      `${path} names no servers`,
      'It should look like {"mcpServers": {"name": {"url": "…"}}}.',
    );
  }
  return servers;
}

class EntryReader {
  readonly #entry: JsonObject;
  readonly #place: string;
  readonly #env: Environment;

  constructor(entry: unknown, place: string, env: Environment) {
    if (!isJsonObject(entry)) throw usageError(`${place} is no object`);
    this.#entry = entry;
    this.#place = place;
    this.#env = env;
  }

  read(): ConfiguredServer {
    const url = this.#text('url');
    if (url !== undefined) return { url, headers: this.#headers() };
    const command = this.#text('command');
    if (command === undefined) throw usageError(`${this.#place} has neither a url nor a command`);
    const cwd = this.#text('cwd');
    const env = Object.fromEntries(
      this.#pairs('env').map(([key, text]) => [key, this.#fill(text)]),
    );
    return { command: { command, args: this.#args(), env, ...(cwd !== undefined && { cwd }) } };
  }

  #headers(): Record<string, string> {
    const pairs = this.#pairs('headers');
    return Object.fromEntries(
      pairs.map(([name, text]) => [name, headerValue(name, text, this.#env)]),
    );
  }

  #fill(text: string): string {
    return expandEnv(text, this.#env);
  }

  #text(key: string): string | undefined {
    const value = ownValue(this.#entry, key);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw usageError(`${this.#place}: ${key} must be a string`);
    return this.#fill(value);
  }

  #args(): string[] {
    const args = ownValue(this.#entry, 'args') ?? [];
    if (!Array.isArray(args) || args.some((arg) => typeof arg !== 'string')) {
      throw usageError(`${this.#place}: args must be a list of strings`);
    }
    return args.map((arg: string) => this.#fill(arg));
  }

  #pairs(key: string): (readonly [string, string])[] {
    const value = ownValue(this.#entry, key) ?? {};
    if (!isJsonObject(value)) throw usageError(`${this.#place}: ${key} must be an object`);
    return Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') {
        throw usageError(`${this.#place}: ${key}.${name} must be a string`);
      }
      return [name, text];
    });
  }
}
