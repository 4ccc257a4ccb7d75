/**
 * Turns whatever was thrown into a {@link CliError}: what was wrong and what to do about it.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { httpStatusOf } from '../client/http-error.ts';
import { CliError, type CliErrorCode, type CliErrorOptions } from './cli-error.ts';
import { describeCause } from './describe-cause.ts';

/** What the command was about, for messages. */
export interface ErrorContext {
  /** The server, as the person named it. */
  readonly label: string;
}

/** Never throws; what nobody foresaw becomes `internal`. */
export function describeError(error: unknown, context: ErrorContext): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof StromError) return describeStromError(error, context);
  if (error instanceof WireError) return describeWireError(error);
  if (error instanceof TypeError) return new CliError('usage', error.message, { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new CliError('internal', message, {
    cause: error,
    hint: 'This should not happen; -v shows where.',
  });
}

function describeWireError(error: WireError): CliError {
  return new CliError('server_error', `the server answered with an error: ${error.message}`, {
    cause: error,
    reason: error.code,
  });
}

const CODES: Partial<Record<StromError['code'], CliErrorCode>> = {
  ERR_CONNECT: 'unreachable',
  ERR_PEER_GONE: 'unreachable',
  ERR_SHUTTING_DOWN: 'unreachable',
  ERR_IDLE_TIMEOUT: 'timeout',
  ERR_TOTAL_TIMEOUT: 'timeout',
  ERR_DEADLINE: 'timeout',
  ERR_CANCELLED: 'interrupted',
  ERR_UNKNOWN_TOOL: 'tool_not_found',
  ERR_UNKNOWN_TASK: 'task_not_found',
};

const HINTS: Partial<Record<StromError['code'], string>> = {
  ERR_IDLE_TIMEOUT: 'Give it longer with --timeout, 0 for no limit.',
  ERR_TOTAL_TIMEOUT: 'Give it longer with --max-time, 0 for no limit.',
  ERR_UNKNOWN_TOOL: 'strom list shows what the server has.',
};

function describeStromError(error: StromError, context: ErrorContext): CliError {
  const status = httpStatusOf(error);
  if (status !== undefined) return describeStatus(error, status, context);
  const { code: reason } = error;
  const code = CODES[reason] ?? 'server_error';
  const options = { cause: error, reason, hint: HINTS[reason] };
  if (reason !== 'ERR_CONNECT') return new CliError(code, error.message, options);
  const found = describeCause(error, context.label);
  return new CliError(code, found?.message ?? error.message, { ...options, hint: found?.hint });
}

const SIGN_IN = `Send a credential: -H 'Authorization: Bearer \${TOKEN}', in single quotes.`;
const BUSY = new Set([429, 502, 503, 504]);

function describeStatus(error: StromError, status: number, { label }: ErrorContext): CliError {
  const options: CliErrorOptions = { cause: error, reason: error.code, status };
  if (status === 401 || status === 407) {
    const message = `${label} wants to know who you are (HTTP ${status})`;
    return new CliError('auth_required', message, { ...options, hint: SIGN_IN });
  }
  if (status === 403) {
    const hint = 'The credential may lack a right, or the server does not expect this Host header.';
    return new CliError('auth_required', error.message, { ...options, hint });
  }
  if (BUSY.has(status)) return new CliError('unreachable', error.message, options);
  const hint = status === 404 ? 'Is the path right? MCP is often at /mcp.' : undefined;
  return new CliError('server_error', error.message, { ...options, hint });
}
