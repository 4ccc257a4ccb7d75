/**
 * Host and Origin: which names this server answers to, and which pages may call it.
 *
 * Both are compared whole. A URL parser is not used on purpose: it maps `127.1`, `evil@localhost`
 * and `localhost/x` to loopback.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security-endpoint
 * @module
 */

import { Memo } from '../base/memo.ts';

/** `name`, `name:port`, `[v6]`, `[v6]:port`; nothing else. */
const HOST = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;
const ORIGIN = /^(https?):\/\/([^/\s]+)$/;

export interface Authority {
  /** Lower-case, IPv6 in brackets. */
  readonly hostname: string;
  /** `undefined` where the default port of the scheme is meant. */
  readonly port: number | undefined;
}

/** Reads a Host header; `undefined` when it is malformed. */
export function parseAuthority(host: string): Authority | undefined {
  return authorities.of(host).authority;
}

const authorities = new Memo((host) => ({ authority: readAuthority(host) }));

function readAuthority(host: string): Authority | undefined {
  const match = HOST.exec(host);
  if (match === null) return undefined;
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && port > 65_535) return undefined;
  return { hostname: (match[1] ?? '').toLowerCase(), port };
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a host name can only mean this machine. */
export function isLoopbackName(hostname: string): boolean {
  return LOOPBACK_NAMES.has(hostname);
}

/** An origin in its one spelling: lower case, without a default port; `undefined` for all else. */
export function canonicalOrigin(origin: string): string | undefined {
  const match = ORIGIN.exec(origin);
  if (match === null) return undefined;
  const scheme = match[1] ?? '';
  const authority = parseAuthority(match[2] ?? '');
  if (authority === undefined) return undefined;
  const isDefault = authority.port === (scheme === 'https' ? 443 : 80);
  const port = authority.port === undefined || isDefault ? '' : `:${authority.port}`;
  return `${scheme}://${authority.hostname}${port}`;
}
