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
    throw publicError('ERR_NOT_ACCEPTABLE', 'Accept application/json and text/event-stream');
  }
  return { json, sse };
}

/** Whether an answer that is one message should be JSON, and no stream of one event. */
export function prefersJson(exchange: HttpExchange): boolean {
  const best = negotiate(exchange.header('accept'), ['application/json', 'text/event-stream']);
  return best === 'application/json';
}
