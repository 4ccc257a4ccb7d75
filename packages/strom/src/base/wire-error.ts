/**
 * A JSON-RPC error as it stands on the wire: what a peer answered, or what a tool wants it to
 * receive. `code` is the JSON-RPC number; `data` is any JSON the sender attached.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#error-codes
 */
export class WireError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'WireError';
    this.code = code;
    this.data = data;
  }
}
