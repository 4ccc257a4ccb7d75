import { droppedLogs } from '../../calls/dropped-logs.ts';
import { LongMessages } from '../../calls/long-messages.ts';
import { Outbox, type OutboxLimits } from '../../calls/outbox.ts';
import type { QueueGauge } from '../../calls/queue-gauge.ts';
import { encodeLog } from '../../protocol/encode-event.ts';
import type { Pieces } from '../../protocol/json-pieces.ts';
import { encodeSseJson } from '../../protocol/sse-encode.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import { SSE_HEADERS } from './headers.ts';

export const DEFAULT_STALL_TIMEOUT_MS = 30_000;

/** Bounds of every stream a server opens. */
export interface StreamLimits extends OutboxLimits {
  /**
   * A reader that takes nothing for so long, in milliseconds, while there is something to take is
   * cut off. Its call ends, or waits to be resumed where the revision allows that. Default 30 000.
   */
  readonly stallTimeoutMs: number;
  /**
   * How long the stream of a session, or a connection over HTTP+SSE, stays open, in milliseconds. The
   * client of a session opens another and goes on where the first ended; a connection over HTTP+SSE is
   * its session, whose calls end with it. Default 0, for as long as the client wants.
   */
  readonly maxStreamMs: number;
}

export interface StreamBounds extends StreamLimits {
  /** Counts what waits in the streams, where anybody wants to know. */
  readonly gauge?: QueueGauge | undefined;
}

interface OpenOutbox {
  readonly headers: ReplyHeaders;
  readonly limits: StreamBounds;
  readonly droppedNotice?: (count: number) => string;
}

/** Starts a streamed answer and gives its bounded outbox. */
export function openOutbox(exchange: HttpExchange, options: OpenOutbox): Outbox {
  const { headers, limits, droppedNotice } = options;
  return new Outbox(exchange.open(headers, limits.stallTimeoutMs), {
    limits,
    gauge: limits.gauge,
    ...(droppedNotice && { droppedNotice }),
  });
}

/** Starts an event stream of JSON-RPC messages, where long ones leave in pieces among the others. */
export function openSseInPieces(
  exchange: HttpExchange,
  limits: StreamBounds,
): { readonly outbox: Outbox; readonly longMessages: LongMessages } {
  const { gauge } = limits;
  const target = exchange.open(SSE_HEADERS, limits.stallTimeoutMs);
  const longMessages = new LongMessages(target, gauge);
  return { outbox: new Outbox(longMessages, { limits, gauge, droppedNotice }), longMessages };
}

/** Ends an answer with a long message, which is counted until its reader has taken it or is gone. */
export function endInPieces(exchange: HttpExchange, outbox: Outbox, message: Pieces): void {
  outbox.end('', message);
  exchange.onGone(outbox);
}

/** Starts an event stream of JSON-RPC messages. */
export function openSseOutbox(
  exchange: HttpExchange,
  limits: StreamBounds,
  extra?: ReplyHeaders,
): Outbox {
  const headers = extra === undefined ? SSE_HEADERS : { ...SSE_HEADERS, ...extra };
  return openOutbox(exchange, { headers, limits, droppedNotice });
}

function droppedNotice(count: number): string {
  return encodeSseJson(encodeLog(droppedLogs(count)));
}
