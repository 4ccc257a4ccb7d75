import type { ErrorCode } from '../base/error-codes.ts';

/** Errors that tell of somebody who is not, or may not, or asks too often. */
const SECURITY_EVENTS: ReadonlySet<string> = new Set<ErrorCode>([
  'ERR_UNAUTHORIZED',
  'ERR_INVALID_TOKEN',
  'ERR_AUTH_MALFORMED',
  'ERR_AUTH_UNAVAILABLE',
  'ERR_INSUFFICIENT_SCOPE',
  'ERR_HOST_MALFORMED',
  'ERR_HOST_NOT_ALLOWED',
  'ERR_ORIGIN_NOT_ALLOWED',
  'ERR_FORWARDED_MISMATCH',
  'ERR_RATE_LIMITED',
  'ERR_CALLER_LIMIT',
]);

/** Whether an audit has to know of a request that ended so. */
export function isSecurityEvent(outcome: string): boolean {
  return SECURITY_EVENTS.has(outcome);
}
