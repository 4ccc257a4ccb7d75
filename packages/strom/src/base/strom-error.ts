import { ERROR_CODES, type ErrorCode, type ErrorTraits } from './error-codes.ts';

export interface StromErrorOptions extends ErrorOptions {
  /** What the peer may read. Must hold no token, path or payload. Default: a generic sentence. */
  publicMessage?: string;
  /** Structured details for the peer (`error.data`), JSON only. */
  data?: unknown;
}

const GENERIC = 'The request could not be completed.';

/**
 * Every error this library throws on purpose.
 *
 * Branch on `code`, never on `message`: codes are stable across minor versions, wording is not.
 * `message` may reach the log but never the peer; what the peer sees is `publicMessage`.
 */
export class StromError extends Error {
  readonly code: ErrorCode;
  readonly publicMessage: string;
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, options: StromErrorOptions = {}) {
    super(message, options);
    this.name = 'StromError';
    this.code = code;
    this.publicMessage = options.publicMessage ?? GENERIC;
    this.data = options.data;
  }

  get traits(): ErrorTraits {
    return ERROR_CODES[this.code];
  }
}

/** What was thrown, if it is one of ours; else a defect, of which `message` says where it came to light. */
export function asStromError(thrown: unknown, message: string): StromError {
  if (thrown instanceof StromError) return thrown;
  return new StromError('ERR_INTERNAL', message, { cause: thrown });
}

/** Makes an error whose message holds nothing secret and may be shown to the peer as it is. */
export function publicError(code: ErrorCode, message: string, data?: unknown): StromError {
  return new StromError(code, message, { publicMessage: message, data });
}
