import { publicError } from '../../base/strom-error.ts';
import { negotiate } from '../../security/media-type.ts';
import type { HttpExchange } from './exchange.ts';
import type { AcceptedForms } from './http-reply.ts';

/**
 * Which forms of answer the client takes.
 *
 * @throws {StromError} `ERR_NOT_ACCEPTABLE` when it takes neither JSON nor an event stream
 */
export function acceptedForms(exchange: HttpExchange): AcceptedForms {
  const accept = exchange.header('accept');
  const json = negotiate(accept, ['application/json']) !== undefined;
  const sse = negotiate(accept, ['text/event-stream']) !== undefined;
  if (!json && !sse) {
    throw notAcceptable();
  }
  return { json, sse };
}

/**
 * Whether the client takes JSON, and does not rather have an event stream.
 *
 * @throws {StromError} `ERR_NOT_ACCEPTABLE` when it takes neither
 */
export function prefersJson(exchange: HttpExchange): boolean {
  const accept = exchange.header('accept');
  const best = negotiate(accept, ['application/json', 'text/event-stream']);
  if (best === undefined) throw notAcceptable();
  return best === 'application/json';
}

function notAcceptable() {
  return publicError('ERR_NOT_ACCEPTABLE', 'Accept application/json and text/event-stream');
}
