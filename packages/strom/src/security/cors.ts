/**
 * CORS: what pages of other origins may do and read. Only origins that were named are ever told
 * anything; there is no `*`.
 *
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 * @module
 */
import type { HostRules } from './check-host.ts';
import { NO_HEADERS } from './no-headers.ts';
import type { RequestFacts } from './request-facts.ts';

type Headers = Readonly<Record<string, string>>;

const EXPOSED = 'mcp-session-id, mcp-protocol-version, www-authenticate, retry-after';
const METHODS = 'GET, POST, DELETE, OPTIONS';
const PREFLIGHT_SECONDS = '7200';
const MAX_REQUESTED_HEADERS = 64;

const ALLOWED_HEADERS = new Set([
  'accept',
  'authorization',
  'baggage',
  'content-type',
  'last-event-id',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'traceparent',
  'tracestate',
  'x-api-key',
]);

/**
 * Headers for every answer to a request, refusals included; none for other origins.
 *
 * @param origin - as the request names it; empty where it names none
 */
export function corsHeaders(origin: string, rules: HostRules): Headers {
  if (rules.origins.size === 0) return NO_HEADERS;
  if (!rules.origins.has(origin)) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
  };
}

/** Whether a browser asks for permission before it sends the request itself. */
export function isPreflight(facts: RequestFacts): boolean {
  return (
    facts.method === 'OPTIONS' &&
    facts.header('origin') !== undefined &&
    facts.header('access-control-request-method') !== undefined
  );
}

/** The further headers of the answer to a preflight of an allowed origin. */
export function preflightHeaders(facts: RequestFacts): Headers {
  const requested = (facts.header('access-control-request-headers') ?? '')
    .split(',', MAX_REQUESTED_HEADERS)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => ALLOWED_HEADERS.has(name) || /^mcp-param-[\w-]{1,64}$/.test(name));
  const isPrivate = facts.header('access-control-request-private-network') === 'true';
  return {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': requested.join(', '),
    'access-control-max-age': PREFLIGHT_SECONDS,
    ...(isPrivate && { 'access-control-allow-private-network': 'true' }),
  };
}
