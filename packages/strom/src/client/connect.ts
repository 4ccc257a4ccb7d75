import { SYSTEM_CLOCK } from '../base/clock.ts';
import { TASKS_EXTENSION } from '../protocol/task.ts';
import { positiveMs } from './call-timers.ts';
import { Client } from './client.ts';
import {
  type ConnectOptions,
  DEFAULT_CONNECT_TIMEOUT_MS,
  DEFAULT_IDLE_TIMEOUT_MS,
  DEFAULT_MAX_MESSAGE_CHARS,
  DEFAULT_MAX_ROUNDS,
  DEFAULT_PROBE_TIMEOUT_MS,
  DEFAULT_TOTAL_TIMEOUT_MS,
} from './client-options.ts';
import { Connection, type ConnectionSettings } from './connection.ts';
import { HttpEndpoint } from './http-endpoint.ts';
import type { Route } from './open-link.ts';
import { capabilitiesFor } from './question-desk.ts';
import { type ConnectTarget, isLocalTarget, parseTargetUrl } from './target.ts';

const OWN_INFO = { name: 'strom-client', version: '0.1.0' };

function routeTo(target: ConnectTarget, options: ConnectOptions): Route {
  if (typeof target === 'string' || target instanceof URL) {
    const endpoint = new HttpEndpoint({
      url: parseTargetUrl(target),
      headers: options.headers ?? {},
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    });
    return { kind: 'http', endpoint, hasStandaloneStream: options.standaloneStream ?? true };
  }
  if (isLocalTarget(target)) return { kind: 'local', target };
  if (typeof target.command !== 'string' || target.command === '') {
    throw new TypeError('the target must be a URL, a command or a server of this process');
  }
  return { kind: 'command', target };
}

function settingsFor(target: ConnectTarget, options: ConnectOptions): ConnectionSettings {
  return {
    options,
    clock: options.clock ?? SYSTEM_CLOCK,
    identity: {
      info: options.clientInfo ?? OWN_INFO,
      capabilities: capabilitiesFor(options.handlers ?? {}),
      extensions: options.tasks === false ? {} : { [TASKS_EXTENSION]: {} },
    },
    idleTimeoutMs: positiveMs(options.idleTimeoutMs, DEFAULT_IDLE_TIMEOUT_MS),
    totalTimeoutMs: positiveMs(options.totalTimeoutMs, DEFAULT_TOTAL_TIMEOUT_MS),
    connectTimeoutMs: positiveMs(options.connectTimeoutMs, DEFAULT_CONNECT_TIMEOUT_MS),
    maxRounds: options.maxRounds ?? DEFAULT_MAX_ROUNDS,
    link: {
      route: routeTo(target, options),
      era: options.era ?? 'auto',
      maxMessageChars: options.maxMessageChars ?? DEFAULT_MAX_MESSAGE_CHARS,
      probeTimeoutMs: positiveMs(options.probeTimeoutMs, DEFAULT_PROBE_TIMEOUT_MS),
    },
  };
}

/**
 * Connects to an MCP server and finds out by itself how to talk to it.
 *
 * A URL may point to a server of any era; a command is started without a shell and spoken to over
 * stdio; a server of this process is called directly. A connection that is lost later is opened
 * again by the next request.
 *
 * @throws {TypeError} for a target or an option that makes no sense
 * @throws {StromError} `ERR_CONNECT` when nobody answers; `ERR_HTTP_STATUS` when access is refused
 * (`data.status`, `data.challenge`); `ERR_UNSUPPORTED_VERSION` when there is no common revision
 * @example
 * await using client = await connect('https://example.com/mcp', {
 *   headers: { Authorization: `Bearer ${token}` },
 * });
 * const result = await client.call('add', { a: 5, b: 3 });
 */
export async function connect(
  target: ConnectTarget,
  options: ConnectOptions = {},
): Promise<Client> {
  const connection = new Connection(settingsFor(target, options));
  try {
    await connection.link();
    return new Client(connection, options.onLog !== undefined);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
