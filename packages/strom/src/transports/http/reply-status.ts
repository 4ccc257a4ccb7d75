import { RPC } from '../../base/error-codes.ts';
import { StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';

/** Errors about the request as such; what went wrong inside a call is a 200 with a JSON-RPC error. */
const REQUEST_ERRORS = new Set<number>([
  RPC.parseError,
  RPC.invalidRequest,
  RPC.methodNotFound,
  RPC.headerMismatch,
  RPC.missingRequiredClientCapability,
  RPC.unsupportedProtocolVersion,
]);

/** Refusals that clients, proxies and balancers act upon by their status. */
const OWN_STATUS = new Set([401, 403, 429, 503]);

/** Whether a failure is told by its status, whatever form of answer the client rather has. */
export function isRefusal(failure: StromError | WireError | undefined): boolean {
  return failure instanceof StromError && OWN_STATUS.has(failure.traits.http);
}

/** The HTTP status of a JSON answer to a stateless request. */
export function replyStatus(failure: StromError | WireError | undefined): number {
  if (!(failure instanceof StromError)) return 200;
  const { http, rpc } = failure.traits;
  if (REQUEST_ERRORS.has(rpc) || failure.code === 'ERR_INVALID_META') return http;
  return OWN_STATUS.has(http) ? http : 200;
}

/**
 * The HTTP status of a JSON answer within a session. Clients of those revisions read an error
 * message only from a 200, and take a 404 for the end of their session.
 */
export function sessionReplyStatus(failure: StromError | WireError | undefined): number {
  if (!(failure instanceof StromError)) return 200;
  const { http } = failure.traits;
  return OWN_STATUS.has(http) ? http : 200;
}
