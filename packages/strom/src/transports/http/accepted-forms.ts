import { publicError } from '../../base/strom-error.ts';
import { negotiate } from '../../security/media-type.ts';
import type { HttpExchange } from './exchange.ts';
import type { AcceptedForms } from './http-reply.ts';

/** Clients send one of a handful of Accept headers for every call; each is read once. */
const known = new Map<string, AcceptedForms>();
/** What a client that invents headers can make the map hold. */
const MAX_KNOWN = 64;
const MAX_KNOWN_CHARS = 256;

/**
 * Which forms of answer the client takes.
 *
 * @throws {StromError} `ERR_NOT_ACCEPTABLE` when it takes neither JSON nor an event stream
 */
export function acceptedForms(exchange: HttpExchange): AcceptedForms {
  const accept = exchange.header('accept') ?? '';
  const forms = known.get(accept) ?? readForms(accept);
  if (!forms.json && !forms.sse) throw notAcceptable();
  return forms;
}

function readForms(accept: string): AcceptedForms {
  const json = negotiate(accept, ['application/json']) !== undefined;
  const sse = negotiate(accept, ['text/event-stream']) !== undefined;
  if (known.size < MAX_KNOWN && accept.length <= MAX_KNOWN_CHARS) known.set(accept, { json, sse });
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
