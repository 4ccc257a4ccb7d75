import type { ReplyHeaders } from './exchange.ts';

/** Answers are about one caller at one moment, and never a page. */
const COMMON = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

export const JSON_HEADERS: ReplyHeaders = { ...COMMON, 'content-type': 'application/json' };

/** `no-transform` and `X-Accel-Buffering` keep proxies from holding events back. */
export function streamHeaders(contentType: string): ReplyHeaders {
  return {
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
    'x-accel-buffering': 'no',
    'content-type': contentType,
  };
}

export const SSE_HEADERS: ReplyHeaders = streamHeaders('text/event-stream');

export const EMPTY_HEADERS: ReplyHeaders = COMMON;
