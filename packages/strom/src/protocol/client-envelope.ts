/**
 * What a client writes into a stateless request, and reads out of its answers: the `_meta` keys and
 * HTTP headers of the revision without sessions.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import { encodeHeaderValue } from './header-value.ts';
import type { RequestId } from './message.ts';
import { metaOf } from './request-meta.ts';
import { META } from './revisions/2026-07-28/meta-keys.ts';
import { STATELESS_REVISION } from './revisions/catalog.ts';
import type { ClientCapabilities, Implementation } from './spec/2026-07-28.ts';

/** What every stateless request says of its sender. */
export interface ClientClaims {
  readonly info: Implementation;
  readonly capabilities: ClientCapabilities;
  readonly logLevel: LogLevel | undefined;
}

/** The `_meta` members that make a request stateless. */
export function statelessMeta(claims: ClientClaims): JsonObject {
  return {
    [META.protocolVersion]: STATELESS_REVISION.date,
    [META.clientInfo]: claims.info,
    [META.clientCapabilities]: claims.capabilities,
    ...(claims.logLevel !== undefined && { [META.logLevel]: claims.logLevel }),
  };
}

const NAME_PARAMS: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The headers that repeat a request's method and target for intermediaries. */
export function standardHeaders(method: string, params: JsonObject): Record<string, string> {
  const headers: Record<string, string> = { 'Mcp-Method': method };
  const key = NAME_PARAMS.get(method);
  const name = key === undefined ? undefined : ownValue(params, key);
  if (typeof name === 'string') headers['Mcp-Name'] = encodeHeaderValue(name);
  return headers;
}

/** Who the server says it is: in a stateless result, or in the answer to `initialize`. */
export function serverInfoOf(result: JsonObject): JsonObject {
  const info = ownValue(metaOf(result), META.serverInfo) ?? ownValue(result, 'serverInfo');
  return isJsonObject(info) ? info : {};
}

/** The `subscriptions/listen` request a notification belongs to, if it names one. */
export function subscriptionIdOf(params: JsonObject): RequestId | undefined {
  const id = ownValue(metaOf(params), META.subscriptionId);
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
