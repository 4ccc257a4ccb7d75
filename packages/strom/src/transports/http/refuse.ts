import { StromError } from '../../base/strom-error.ts';
import { encodeErrorResponse } from '../../protocol/encode-error.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import { JSON_HEADERS } from './headers.ts';

const RETRY_AFTER_SECONDS = '5';

interface Refusal {
  /** The id of the request, where it could be read. */
  readonly idText?: string | undefined;
  readonly headers?: ReplyHeaders;
}

/** Answers with an error that ends a request before it became a call. */
export function refuse(exchange: HttpExchange, error: StromError, extra: Refusal = {}): void {
  const { http } = error.traits;
  exchange.reply(
    http,
    {
      ...JSON_HEADERS,
      ...extra.headers,
      ...(http === 503 && { 'retry-after': RETRY_AFTER_SECONDS }),
      // Whatever else a refused peer sends on this connection is not worth reading.
      ...((http === 413 || http === 431) && { connection: 'close' }),
    },
    encodeErrorResponse(extra.idText, error),
  );
}

/** Makes an error of ours out of anything that was thrown. */
export function asStromError(error: unknown): StromError {
  if (error instanceof StromError) return error;
  return new StromError('ERR_INTERNAL', 'a request failed', { cause: error });
}
