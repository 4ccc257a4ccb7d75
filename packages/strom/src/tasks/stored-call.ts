/**
 * A call in the form in which it waits for a process to run it: without the proof of who called,
 * and without anything that belongs to a connection.
 *
 * @module
 */
import { toJson } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import type { Principal } from '../base/principal.ts';
import type { OperationRequest } from '../protocol/operation.ts';

interface StoredCall extends Pick<OperationRequest, 'operation' | 'params' | 'client' | 'trace'> {
  readonly principal: Omit<Principal, 'scopes' | 'expiresAtMs' | 'revocation'> & {
    /** Absent for everything. */
    readonly scopes?: readonly string[];
  };
  readonly logLevel: LogLevel | undefined;
}

/** @throws {StromError} `ERR_INTERNAL` when the parameters have no JSON form */
export function encodeStoredCall(request: OperationRequest): string {
  const { operation, client, trace, principal, logGate } = request;
  const { id, kind, name, scopes } = principal;
  const stored: StoredCall = {
    operation,
    params: { name: request.params['name'], arguments: request.params['arguments'] },
    client,
    trace,
    principal: { id, kind, name, ...(scopes !== undefined && { scopes: [...scopes] }) },
    logLevel: logGate.level,
  };
  return toJson(stored);
}

/** The request to run; its caller has been given a task already, and takes no other. */
export function decodeStoredCall(text: string): OperationRequest {
  const { operation, params, client, trace, principal, logLevel } = JSON.parse(text) as StoredCall;
  const { id, kind, name, scopes } = principal;
  return {
    operation,
    params,
    client,
    trace,
    principal: {
      id,
      kind,
      name,
      scopes: scopes === undefined ? undefined : new Set(scopes),
      expiresAtMs: undefined,
    },
    logGate: { level: logLevel },
    wantsProgress: true,
    takesTasks: false,
  };
}
