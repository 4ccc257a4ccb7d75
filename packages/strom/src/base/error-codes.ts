/**
 * Every error code of the library, with what it means on the wire.
 *
 * `http` is the status an HTTP answer carries when the error ends a request before a stream was
 * opened, `rpc` the JSON-RPC code a peer sees, `retryable` whether the same request may succeed
 * later without a change. A test holds this table equal to `docs/errors.md`, both ways.
 *
 * @module
 */

export interface ErrorTraits {
  readonly http: number;
  readonly rpc: number;
  readonly retryable: boolean;
}

/** JSON-RPC and MCP error numbers by the names the specification gives them. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingRequiredClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
} as const;

const traits = (http: number, rpc: number, retryable = false): ErrorTraits => ({
  http,
  rpc,
  retryable,
});

export const ERROR_CODES = {
  ERR_PARSE: traits(400, RPC.parseError),
  ERR_INVALID_REQUEST: traits(400, RPC.invalidRequest),
  ERR_METHOD_NOT_FOUND: traits(404, RPC.methodNotFound),
  ERR_INVALID_PARAMS: traits(400, RPC.invalidParams),
  ERR_INVALID_META: traits(400, RPC.invalidParams),
  ERR_UNKNOWN_TOOL: traits(404, RPC.invalidParams),
  ERR_UNKNOWN_PROMPT: traits(404, RPC.invalidParams),
  ERR_UNKNOWN_RESOURCE: traits(404, RPC.resourceNotFound),
  ERR_HEADER_MISMATCH: traits(400, RPC.headerMismatch),
  ERR_MISSING_CAPABILITY: traits(400, RPC.missingRequiredClientCapability),
  ERR_UNSUPPORTED_VERSION: traits(400, RPC.unsupportedProtocolVersion),
  ERR_REQUEST_STATE: traits(400, RPC.invalidParams),
  ERR_REPLAY_DIVERGED: traits(500, RPC.internalError),
  ERR_INPUT_REQUIRED: traits(400, RPC.internalError),
  ERR_INTERNAL: traits(500, RPC.internalError),
  ERR_RESULT_TOO_LARGE: traits(500, RPC.internalError),
  ERR_UNAUTHORIZED: traits(401, RPC.invalidRequest),
  ERR_INVALID_TOKEN: traits(401, RPC.invalidRequest),
  ERR_AUTH_MALFORMED: traits(400, RPC.invalidRequest),
  ERR_INSUFFICIENT_SCOPE: traits(403, RPC.invalidRequest),
  ERR_AUTH_UNAVAILABLE: traits(503, RPC.internalError, true),
  ERR_HOST_MALFORMED: traits(400, RPC.invalidRequest),
  ERR_HOST_NOT_ALLOWED: traits(403, RPC.invalidRequest),
  ERR_ORIGIN_NOT_ALLOWED: traits(403, RPC.invalidRequest),
  ERR_HEADERS_MALFORMED: traits(400, RPC.invalidRequest),
  ERR_FORWARDED_MISMATCH: traits(400, RPC.invalidRequest),
  ERR_HEADERS_TOO_MANY: traits(431, RPC.invalidRequest),
  ERR_BODY_TOO_LARGE: traits(413, RPC.invalidRequest),
  ERR_MEDIA_TYPE: traits(415, RPC.invalidRequest),
  ERR_NOT_ACCEPTABLE: traits(406, RPC.invalidRequest),
  ERR_HTTP_METHOD: traits(405, RPC.invalidRequest),
  ERR_PATH_NOT_FOUND: traits(404, RPC.invalidRequest),
  ERR_SESSION_REQUIRED: traits(400, RPC.invalidRequest),
  ERR_SESSION_UNKNOWN: traits(404, RPC.invalidRequest),
  ERR_RATE_LIMITED: traits(429, RPC.internalError, true),
  ERR_CALLER_LIMIT: traits(429, RPC.internalError, true),
  ERR_OVERLOADED: traits(503, RPC.internalError, true),
  ERR_SESSION_LIMIT: traits(503, RPC.internalError, true),
  ERR_SESSION_ELSEWHERE: traits(503, RPC.internalError, true),
  ERR_SESSION_STREAM_OPEN: traits(409, RPC.invalidRequest),
  ERR_STREAM_LIMIT: traits(503, RPC.internalError, true),
  ERR_UNKNOWN_TASK: traits(404, RPC.invalidParams),
  ERR_TASK_LIMIT: traits(429, RPC.internalError, true),
  ERR_TASK_FENCED: traits(409, RPC.internalError),
  ERR_INTERRUPTED: traits(503, RPC.internalError, true),
  ERR_STORE: traits(503, RPC.internalError, true),
  ERR_CANCELLED: traits(499, RPC.internalError),
  ERR_PEER_GONE: traits(499, RPC.internalError, true),
  ERR_DEADLINE: traits(504, RPC.internalError, true),
  ERR_SHUTTING_DOWN: traits(503, RPC.internalError, true),
  ERR_SSE_FIELD: traits(500, RPC.internalError),
  ERR_FRAME_TOO_LARGE: traits(413, RPC.invalidRequest),
  ERR_PROTOCOL: traits(502, RPC.internalError),
  ERR_CONNECT: traits(502, RPC.internalError, true),
  ERR_HTTP_STATUS: traits(502, RPC.internalError),
  ERR_CLOSED: traits(499, RPC.internalError),
  ERR_IDLE_TIMEOUT: traits(504, RPC.internalError, true),
  ERR_TOTAL_TIMEOUT: traits(504, RPC.internalError, true),
  ERR_NO_HANDLER: traits(501, RPC.methodNotFound),
  ERR_ROUND_LIMIT: traits(502, RPC.internalError),
} as const satisfies Record<string, ErrorTraits>;

export type ErrorCode = keyof typeof ERROR_CODES;
