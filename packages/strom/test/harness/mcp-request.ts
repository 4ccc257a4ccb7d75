/**
 * Requests of both eras as plain data: bodies, and the headers that go with them.
 *
 * @module
 */
import type { RawRequest } from './raw-http.ts';

type Fields = Record<string, unknown>;

export const MODERN = '2026-07-28';
export const META_PREFIX = 'io.modelcontextprotocol/';

/** The `_meta` every request of the stateless revision must have. */
export function modernMeta(over: Fields = {}): Fields {
  return {
    [`${META_PREFIX}protocolVersion`]: MODERN,
    [`${META_PREFIX}clientInfo`]: { name: 'test', version: '1' },
    [`${META_PREFIX}clientCapabilities`]: {},
    ...over,
  };
}

/** The text of a stateless request. */
export function modernBody(method: string, params: Fields = {}, id: unknown = 1): string {
  const { _meta, ...rest } = params;
  const meta = modernMeta(_meta as Fields | undefined);
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...rest, _meta: meta } });
}

export const BODY_HEADERS = [
  ['Content-Type', 'application/json'],
  ['Accept', 'application/json, text/event-stream'],
] as const;

/** The headers of a stateless request, as lines. */
export function modernHeaders(method: string, name?: string): [string, string][] {
  const lines: [string, string][] = [
    ...BODY_HEADERS.map(([key, value]): [string, string] => [key, value]),
    ['MCP-Protocol-Version', MODERN],
    ['Mcp-Method', method],
  ];
  if (name !== undefined) lines.push(['Mcp-Name', name]);
  return lines;
}

/** A complete, valid stateless call of a tool. */
export function modernCall(name: string, args: Fields = {}, meta: Fields = {}): RawRequest {
  return {
    headers: modernHeaders('tools/call', name),
    body: modernBody('tools/call', { name, arguments: args, _meta: meta }),
  };
}

/** The text of a request of a session. */
export function sessionBody(method: string, params: Fields = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The text of `initialize`. */
export function initializeBody(revision: string, id: unknown = 0): string {
  const clientInfo = { name: 'test', version: '1' };
  return sessionBody('initialize', { protocolVersion: revision, capabilities: {}, clientInfo }, id);
}
