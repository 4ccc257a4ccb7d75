import { StromError } from '../../base/strom-error.ts';
import { encodeErrorResponse } from '../../protocol/encode-error.ts';
import type { HttpExchange } from './exchange.ts';
import { JSON_HEADERS } from './headers.ts';

const RETRY_AFTER_SECONDS = '5';

/** Answers with an error that ends a request before it became a call. */
export function refuse(exchange: HttpExchange, error: StromError, idText?: string): void {
  const { http } = error.traits;
  exchange.reply(
    http,
    {
      ...JSON_HEADERS,
      ...(http === 503 && { 'retry-after': RETRY_AFTER_SECONDS }),
      // Whatever else a refused peer sends on this connection is not worth reading.
      ...((http === 413 || http === 431) && { connection: 'close' }),
    },
    encodeErrorResponse(idText, error),
  );
}

/** Makes an error of ours out of anything that was thrown. */
export function asStromError(error: unknown): StromError {
  if (error instanceof StromError) return error;
  return new StromError('ERR_INTERNAL', 'a request failed', { cause: error });
}
