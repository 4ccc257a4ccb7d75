import { ERROR_CODES, RPC } from '../base/error-codes.ts';
import { toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { WireError } from '../base/wire-error.ts';

/** The JSON-RPC code of an error for a revision that names unknown resources by `notFoundCode`. */
function rpcCode(error: StromError | WireError, notFoundCode: number): number {
  if (!(error instanceof StromError)) return error.code;
  const { rpc } = ERROR_CODES[error.code];
  return rpc === RPC.resourceNotFound ? notFoundCode : rpc;
}

/** The `error` member of a response, or of a task that failed. */
export function errorObject(
  error: StromError | WireError,
  notFoundCode: number = RPC.invalidParams,
): { code: number; message: string; data?: unknown } {
  const message = error instanceof StromError ? error.publicMessage : error.message;
  return { code: rpcCode(error, notFoundCode), message, data: error.data };
}

/**
 * The text of a JSON-RPC error response.
 *
 * @param idText - the id as the peer wrote it; left out when it could not be read, because the
 * specification allows no `null`
 */
export function encodeErrorResponse(
  idText: string | undefined,
  error: StromError | WireError,
  notFoundCode: number = RPC.invalidParams,
): string {
  const body = toJson(errorObject(error, notFoundCode));
  const id = idText === undefined ? '' : `"id":${idText},`;
  return `{"jsonrpc":"2.0",${id}"error":${body}}`;
}
