import { Memo } from '../../base/memo.ts';
import { publicError } from '../../base/strom-error.ts';
import { negotiate } from '../../security/media-type.ts';
import type { HttpExchange } from './exchange.ts';
import type { AcceptedForms } from './http-reply.ts';

/** Clients send one of a handful of Accept headers for every call; each is read once. */
const known = new Memo<AcceptedForms>((accept) => ({
  json: negotiate(accept, ['application/json']) !== undefined,
  sse: negotiate(accept, ['text/event-stream']) !== undefined,
}));

/**
 * Which forms of answer the client takes.
 *
 * @throws {StromError} `ERR_NOT_ACCEPTABLE` when it takes neither JSON nor an event stream
 */
export function acceptedForms(exchange: HttpExchange): AcceptedForms {
  const forms = known.of(exchange.header('accept') ?? '');
  if (!forms.json && !forms.sse) throw notAcceptable();
  return forms;
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
