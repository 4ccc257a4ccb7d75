/**
 * What a stateless request says of itself in `params._meta`.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#meta
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { isLogLevel, type LogLevel } from '../base/log-level.ts';
import { publicError } from '../base/strom-error.ts';
import { clientFacts } from './client-facts.ts';
import type { ClientFacts, LogGate } from './operation.ts';
import { metaOf } from './request-meta.ts';
import { META } from './revisions/2026-07-28/meta-keys.ts';

export interface StatelessFacts {
  readonly client: ClientFacts;
  readonly logGate: LogGate;
}

function malformed(key: string, problem: string): never {
  throw publicError('ERR_INVALID_META', `_meta["${key}"] ${problem}`);
}

function readLogLevel(meta: JsonObject): LogLevel | undefined {
  const level = ownValue(meta, META.logLevel);
  if (level === undefined || isLogLevel(level)) return level;
  return malformed(META.logLevel, 'is not a log level');
}

/**
 * Checks the required fields and returns the facts of the request.
 *
 * @throws {StromError} `ERR_INVALID_META` naming the field that is missing or malformed
 */
export function decodeStatelessMeta(meta: JsonObject): StatelessFacts {
  const capabilities = ownValue(meta, META.clientCapabilities);
  if (!isJsonObject(capabilities)) malformed(META.clientCapabilities, 'must be an object');
  const info = ownValue(meta, META.clientInfo);
  if (info !== undefined && !isImplementation(info)) {
    malformed(META.clientInfo, 'must have a name and a version');
  }
  return {
    client: clientFacts(info, capabilities),
    logGate: { level: readLogLevel(meta) },
  };
}

/** What a client says of itself in a request that may be refused for other things. */
export function statedClient(params: JsonObject): ClientFacts {
  return clientFacts(ownValue(metaOf(params), META.clientInfo), undefined);
}

function isImplementation(info: unknown): boolean {
  if (!isJsonObject(info)) return false;
  return typeof info['name'] === 'string' && typeof info['version'] === 'string';
}

/**
 * The protocol version a request claims in its body.
 *
 * @throws {StromError} `ERR_INVALID_META` when the claim is no string
 */
export function claimedVersion(meta: JsonObject): string | undefined {
  const claim = ownValue(meta, META.protocolVersion);
  if (claim === undefined || typeof claim === 'string') return claim;
  return malformed(META.protocolVersion, 'must be a string');
}

/** Whether a request speaks for itself, instead of relying on a session. */
export function claimsVersion(params: JsonObject): boolean {
  return ownValue(metaOf(params), META.protocolVersion) !== undefined;
}
