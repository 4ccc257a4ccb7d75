import type { HttpOptions } from '../transports/http/http-host.ts';
import type { LegacyUse } from '../transports/http/legacy-sse.ts';
import type { ArrivalLimits } from './http-server.ts';
import type { TlsOptions } from './tls-credentials.ts';

export const DEFAULT_DRAIN_TIMEOUT_MS = 10_000;
export const DEFAULT_HOST = '127.0.0.1';

/**
 * `streamable-http` serves every revision since 2025-03-26 on one URL, and plain HTTP streams;
 * `sse` the same and HTTP+SSE of 2024-11-05 beside it; `stdio` one client on the standard streams.
 */
export type Transport = 'stdio' | 'streamable-http' | 'sse';

export interface RunOptions extends HttpOptions, ArrivalLimits {
  /** Default `streamable-http`. */
  transport?: Transport;
  /** Port to listen on; 0 for any free one. Default 3000. */
  port?: number;
  /**
   * Address to listen on. Default `127.0.0.1`, so that only this machine can connect. Any other
   * address demands `publicUrl` or `allowedHosts`, `auth`, and `tls` or `behindProxy`.
   */
  host?: string;
  /** A proxy in front speaks TLS and hands requests on in the clear. Default `false`. */
  behindProxy?: boolean;
  /**
   * Let other machines call without credentials: for servers that hold nothing anybody may not see,
   * or behind a proxy that checks callers itself. Default `false`.
   */
  allowAnonymous?: boolean;
  /**
   * Serve HTTPS, with HTTP/2 and HTTP/1.1 on the same port. New files are taken up while streams stay
   * open; `'dev'` makes a local certificate, and the log says how to trust it. Default: plain HTTP.
   */
  tls?: TlsOptions | 'dev';
  /**
   * Serve with this many processes: the program is run again in each of them. Stateless requests go
   * to any, those of a session to the process that opened it. Default: this process alone.
   */
  workers?: number;
  /**
   * Leave on SIGINT and SIGTERM: `/readyz` says no, new calls are refused, streams of subscriptions
   * end, and calls that run get `drainTimeoutMs`. A second signal leaves at once. On stdio the
   * process also ends soon after its input, whatever calls still run. Default `true`.
   */
  handleSignals?: boolean;
  /**
   * How long calls that run may take to end when the server is told to leave, in milliseconds; then
   * `ctx.signal` is aborted with `ERR_SHUTTING_DOWN`. 0 stops them at once. Default 10 000.
   */
  drainTimeoutMs?: number;
}

/** A door that is open. */
export interface Running {
  /** Where Streamable HTTP is served; `undefined` for stdio, and for workers told to leave as they started. */
  readonly url: string | undefined;
  /** Resolves when the door has closed, for whatever reason. */
  readonly closed: Promise<void>;
  /** Clients that still connect over HTTP+SSE, and how often they did. */
  legacyUses(): readonly LegacyUse[];
  /** Leaves as on a signal: takes no new calls, lets those that run end, then closes the door. */
  drain(): Promise<void>;
  /** Ends every call and connection at once and closes the door. */
  close(): Promise<void>;
}
