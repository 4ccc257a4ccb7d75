/**
 * JSON-RPC 2.0 messages after parsing, as every later layer sees them.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#messages
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { StromError } from '../base/strom-error.ts';

export type RequestId = string | number;

export interface RpcRequest {
  readonly kind: 'request';
  readonly id: RequestId;
  /** The id exactly as it stood on the wire; answers echo these bytes. */
  readonly idText: string;
  readonly method: string;
  readonly params: JsonObject;
}

export interface RpcNotification {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: JsonObject;
}

export interface RpcResponse {
  readonly kind: 'response';
  /** Absent only in an error answer to a request whose id could not be read. */
  readonly id: RequestId | undefined;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** Something that is JSON but no valid message; `idText` when its id could be read. */
export interface InvalidMessage {
  readonly kind: 'invalid';
  readonly idText: string | undefined;
  readonly error: StromError;
}

export type RpcMessage = RpcRequest | RpcNotification | RpcResponse;
