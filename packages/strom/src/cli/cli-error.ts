/**
 * Every way a command can fail, and the exit code that tells a script which one it was.
 *
 * The numbers from 0 to 5 are those of the MCP Inspector's command line; 124, 130, 141 and 143 are
 * what `timeout` and shells use. `docs/cli.md` shows the same table; a test holds them equal.
 *
 * @see https://modelcontextprotocol.io/docs/draft/tools/inspector/cli
 * @module
 */

/** Exit codes by the stable `code` of the JSON error. */
export const EXIT_CODES = {
  usage: 1,
  server_error: 1,
  output_failed: 1,
  internal: 1,
  auth_required: 3,
  unreachable: 4,
  tool_error: 5,
  tool_not_found: 5,
  task_not_found: 5,
  task_cancelled: 5,
  timeout: 124,
  interrupted: 130,
  output_closed: 141,
  terminated: 143,
} as const;

export type CliErrorCode = keyof typeof EXIT_CODES;

export interface CliErrorOptions extends ErrorOptions {
  /** What to do about it. */
  hint?: string | undefined;
  /** The finer code: `ERR_*` of the library or the number of a JSON-RPC error. */
  reason?: string | number | undefined;
  /** The HTTP status behind it. */
  status?: number | undefined;
}

/** A failure in words for a person: the message names what was wrong, the hint what to do. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly hint: string | undefined;
  readonly reason: string | number | undefined;
  readonly status: number | undefined;

  constructor(code: CliErrorCode, message: string, options: CliErrorOptions = {}) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
    this.hint = options.hint;
    this.reason = options.reason;
    this.status = options.status;
  }

  get exitCode(): number {
    return EXIT_CODES[this.code];
  }
}

/** A command line that makes no sense. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError('usage', message, { hint });
}
