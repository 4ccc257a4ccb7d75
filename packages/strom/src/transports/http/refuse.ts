import type { ErrorCode } from '../../base/error-codes.ts';
import { isJsonObject, ownValue } from '../../base/json.ts';
import type { Logger } from '../../base/logger.ts';
import { publicError, StromError } from '../../base/strom-error.ts';
import { utf8Length } from '../../base/utf8-length.ts';
import type { WireError } from '../../base/wire-error.ts';
import { encodeErrorResponse } from '../../protocol/encode-error.ts';
import type { Gatekeeper } from '../../security/gatekeeper.ts';
import { NO_HEADERS } from '../../security/no-headers.ts';
import type { HttpExchange, ReplyHeaders, Reported } from './exchange.ts';
import { JSON_HEADERS } from './headers.ts';

/** When to come back, where nobody knows better. */
export const DEFAULT_RETRY_AFTER: ReplyHeaders = { 'retry-after': '5' };

interface Refusal {
  /** The id of the request, where it could be read. */
  readonly idText?: string | undefined;
  readonly headers?: ReplyHeaders;
  /** What is known of the message, for those who watch. */
  readonly about?: Reported;
}

/** Answers with an error that ends a request before it became a call. */
export function refuse(exchange: HttpExchange, error: StromError, extra: Refusal = {}): void {
  const { http } = error.traits;
  const body = encodeErrorResponse(extra.idText, error);
  exchange.reply(
    http,
    {
      ...JSON_HEADERS,
      ...extra.headers,
      ...retryAfter(error),
      ...allowed(error),
      // Whatever else a refused peer sends on this connection is not worth reading.
      ...((http === 413 || http === 431) && { connection: 'close' }),
    },
    body,
  );
  exchange.report?.(http, { ...extra.about, error, bytes: utf8Length(body) });
}

/** Errors of which the caller is told less than there is to know. */
const INCIDENTS: Partial<Record<ErrorCode, string>> = {
  ERR_INTERNAL: 'a request failed',
  ERR_AUTH_UNAVAILABLE: 'credentials cannot be checked',
  ERR_STORE: 'the store cannot be used',
};

/** Writes down what the caller of a refused request is not told. */
export function logIncident(logger: Logger, exchange: HttpExchange, error: StromError): void {
  const message = INCIDENTS[error.code];
  if (message === undefined) return;
  const correlation = exchange.report?.correlation();
  logger.error({ ...(correlation !== undefined && { correlation }), err: error }, message);
}

/** The headers that go with the error a call was answered with, where its status tells of it. */
export function refusalHeaders(
  gatekeeper: Gatekeeper,
  failure: StromError | WireError | undefined,
): ReplyHeaders {
  if (failure === undefined) return NO_HEADERS;
  const waits = failure instanceof StromError ? retryAfter(failure) : NO_HEADERS;
  return { ...gatekeeper.refusalHeaders(failure), ...waits };
}

/** When to come back, for errors that pass with time. */
function retryAfter({ traits, data }: StromError): ReplyHeaders {
  if (traits.http !== 429 && traits.http !== 503) return NO_HEADERS;
  const waitMs = isJsonObject(data) ? ownValue(data, 'retryAfterMs') : undefined;
  if (typeof waitMs !== 'number') return DEFAULT_RETRY_AFTER;
  return { 'retry-after': String(Math.ceil(waitMs / 1000)) };
}

/** Which methods there are, for the error of a method there is not. */
function allowed({ code, data }: StromError): ReplyHeaders {
  if (code !== 'ERR_HTTP_METHOD' || !isJsonObject(data)) return NO_HEADERS;
  const allow = ownValue(data, 'allow');
  return typeof allow === 'string' ? { allow } : NO_HEADERS;
}

/** Why a call ends whose caller has hung up. */
export function peerGone(): StromError {
  return publicError('ERR_PEER_GONE', 'The caller closed the connection.');
}
