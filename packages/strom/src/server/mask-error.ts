import type { Logger } from '../base/logger.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';

/**
 * What a peer may know of an error. Errors meant for it pass; anything else becomes an incident
 * number, with the details in the log under the same number.
 *
 * @param correlation - leads from the line to what else was written about the request
 */
export function maskError(
  error: unknown,
  logger: Logger,
  correlation?: string,
): StromError | WireError {
  if (error instanceof WireError) return error;
  if (error instanceof StromError && error.code !== 'ERR_INTERNAL') return error;
  const incident = crypto.randomUUID().slice(0, 8);
  logger.error(
    { incident, ...(correlation !== undefined && { correlation }), err: error },
    'a handler failed',
  );
  const publicMessage = `Internal error (incident ${incident})`;
  return new StromError('ERR_INTERNAL', publicMessage, { publicMessage, cause: error });
}
