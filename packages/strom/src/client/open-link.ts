/**
 * Finds the newest way to talk that both sides know: without a handshake, with one, or over the
 * old HTTP+SSE transport.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#backward-compatibility
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio#backward-compatibility
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import type { LocalTarget } from '../protocol/local-target.ts';
import type { OpenChannel } from './channel.ts';
import type { EraOption } from './client-options.ts';
import { DuplexExchange } from './duplex-exchange.ts';
import { forgetEra, knownEra, rememberEra } from './era-cache.ts';
import { discover, initialize, isFinal, type Opening } from './handshake.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import type { ClientIdentity, Era, Link, ServerFacts } from './link.ts';
import { localChannel } from './local-channel.ts';
import { SessionHttp } from './session-http.ts';
import { sseChannel } from './sse-channel.ts';
import { StatelessHttp } from './stateless-http.ts';
import { type ArrivalHooks, Switchboard } from './switchboard.ts';
import type { CommandTarget } from './target.ts';

/** A target with everything that is needed to reach it. */
export type Route =
  | {
      readonly kind: 'http';
      readonly endpoint: HttpEndpoint;
      readonly hasStandaloneStream: boolean;
    }
  | { readonly kind: 'command'; readonly target: CommandTarget }
  | { readonly kind: 'local'; readonly target: LocalTarget };

export interface LinkRequest {
  readonly route: Route;
  readonly era: EraOption;
  readonly identity: ClientIdentity;
  readonly hooks: ArrivalHooks;
  readonly nextId: () => number;
  readonly clock: Clock;
  readonly maxMessageChars: number;
  readonly probeTimeoutMs: number;
  readonly signal: AbortSignal;
}

type HttpRoute = Extract<Route, { kind: 'http' }>;

const NEWEST_FIRST: readonly Era[] = ['stateless', 'session', 'sse'];

/**
 * Opens a connection.
 *
 * @throws {StromError} `ERR_CONNECT` when no era leads to an answer; `ERR_UNSUPPORTED_VERSION` when
 * the server speaks only revisions unknown here; `ERR_HTTP_STATUS` when it lets nobody in
 */
export function openLink(request: LinkRequest): Promise<Link> {
  const { route } = request;
  if (route.kind === 'http') return openHttpLink(request, route);
  return openDuplexLink(request);
}

async function openHttpLink(request: LinkRequest, route: HttpRoute): Promise<Link> {
  const { clock, era } = request;
  const { url } = route.endpoint;
  if (era !== 'auto') return openEra(era, request, route).attempt;
  const known = knownEra(url, clock.now());
  const rest = NEWEST_FIRST.filter((candidate) => candidate !== known);
  const failures: unknown[] = [];
  for (const candidate of known === undefined ? rest : [known, ...rest]) {
    const { attempt, isFinalError } = openEra(candidate, request, route);
    try {
      const link = await attempt;
      rememberEra(url, candidate, clock.now());
      return link;
    } catch (error) {
      if (isFinalError(error)) throw error;
      if (candidate === known) forgetEra(url);
      failures.push(error);
    }
  }
  throw noServer(url, failures);
}

function noServer(url: URL, failures: readonly unknown[]): StromError {
  const reasons = failures.map((error) => (error instanceof Error ? error.message : 'unknown'));
  const told = [...new Set(reasons)].map((reason) => reason.slice(0, 200)).join('; ');
  const message = `no MCP server found at ${url.origin}${url.pathname}: ${told}`;
  return new StromError('ERR_CONNECT', message, { cause: failures.at(-1) });
}

interface Attempt {
  readonly attempt: Promise<Link>;
  /** Whether another era would fail in the same way. */
  readonly isFinalError: (error: unknown) => boolean;
}

function openEra(era: Era, request: LinkRequest, route: HttpRoute): Attempt {
  const board = new Switchboard(request.hooks);
  const { clock, maxMessageChars, signal } = request;
  const context = { board, clock, maxMessageChars, onWarning: request.hooks.onWarning };
  const { endpoint, hasStandaloneStream } = route;
  if (era === 'sse') {
    const open = sseChannel(endpoint, maxMessageChars);
    const attempt = DuplexExchange.open(open, context, signal).then((exchange) =>
      settle({ ...request, exchange, board }, initialize),
    );
    return { attempt, isFinalError: () => signal.aborted };
  }
  const exchange =
    era === 'stateless'
      ? new StatelessHttp(endpoint, context)
      : new SessionHttp({ endpoint, context, hasStandaloneStream });
  const opening = { ...request, exchange, board };
  return {
    attempt: settle(opening, era === 'stateless' ? discover : initialize),
    isFinalError: (error) => isFinal(error, opening),
  };
}

/** Runs a handshake; an exchange that does not get through it is closed. */
async function settle(
  opening: Opening,
  open: (opening: Opening) => Promise<ServerFacts>,
): Promise<Link> {
  const { exchange, board } = opening;
  try {
    return { exchange, board, server: await open(opening) };
  } catch (error) {
    await exchange.close();
    throw error;
  }
}

async function channelOf(request: LinkRequest): Promise<OpenChannel> {
  const { route, clock, maxMessageChars } = request;
  if (route.kind === 'local') return localChannel(route.target, maxMessageChars);
  if (route.kind !== 'command') throw new TypeError('a URL has no channel');
  // Loaded only where it is used: everything else in the client runs in browsers as well.
  const { stdioChannel } = await import('./node-stdio-channel.ts');
  return stdioChannel(route.target, { clock, maxMessageChars });
}

async function openDuplexLink(request: LinkRequest): Promise<Link> {
  const { era, signal, hooks } = request;
  if (era === 'sse') throw new TypeError('era "sse" needs a URL');
  const board = new Switchboard(hooks);
  const context = { board, onWarning: hooks.onWarning };
  const exchange = await DuplexExchange.open(await channelOf(request), context, signal);
  const opening = { ...request, exchange, board };
  const open = {
    stateless: discover,
    session: initialize,
    auto: () => probe(opening, request),
  }[era];
  return settle(opening, open).catch((cause: unknown) => {
    const isGone = cause instanceof StromError && cause.code === 'ERR_PEER_GONE';
    throw isGone ? new StromError('ERR_CONNECT', cause.message, { cause }) : cause;
  });
}

/**
 * Tries `server/discover` first. A server that stays silent gets `initialize` as well, but the first
 * question stays open: a slow start must not make a new server look old.
 */
async function probe(opening: Opening, request: LinkRequest): Promise<ServerFacts> {
  const { clock, probeTimeoutMs } = request;
  const end = new AbortController();
  const signal = AbortSignal.any([opening.signal, end.signal]);
  const discovery = discover({ ...opening, signal });
  let timer = { cancel: (): void => undefined };
  const silence = new Promise<'silent'>((resolve) => {
    timer = clock.after(probeTimeoutMs, () => resolve('silent'));
  });
  try {
    const first = await Promise.race([discovery, silence]);
    if (first !== 'silent') return first;
  } catch (error) {
    if (isFinal(error, opening)) throw error;
    return await initialize(opening);
  } finally {
    timer.cancel();
  }
  // Looked at only if the handshake fails; until then its own failure is no news.
  void discovery.catch(() => undefined);
  try {
    return await initialize(opening).catch(() => discovery);
  } finally {
    end.abort(new StromError('ERR_CANCELLED', 'the handshake has settled'));
  }
}
