/**
 * Server-sent events, the writing half: one event in, one wire frame out.
 *
 * Pure: no I/O, no timers, no `node:` imports. Every HTTP transport writes through here, so frame
 * injection is prevented in exactly one place.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { Pieces } from './json-pieces.ts';

export interface SseEvent {
  /** Any text; line breaks become separate `data:` fields, which the reader joins with `\n`. */
  data: string;
  /** Must fit on one line. */
  id?: string;
  /** Event name; must fit on one line. Default on the reading side: `message`. */
  event?: string;
  /** How long a reader waits before it reconnects. */
  retryMs?: number;
}

/** A frame that every reader ignores; keeps proxies from closing a quiet stream. */
export const SSE_KEEP_ALIVE = ':\n\n';

const LINE_BREAK = /\r\n|\r|\n/;

function field(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  if (value.includes('\n') || value.includes('\r') || value.includes('\0')) {
    throw new StromError('ERR_SSE_FIELD', `SSE field "${name}" must fit on one line`);
  }
  return `${name}: ${value}\n`;
}

/**
 * Frames one event for the wire.
 *
 * @returns the frame, ending with its blank line
 * @throws {StromError} `ERR_SSE_FIELD` if `id` or `event` contains CR, LF or NUL
 */
export function encodeSse(event: SseEvent): string {
  let frame = field('event', event.event) + field('id', event.id);
  if (event.retryMs !== undefined) frame += `retry: ${Math.trunc(event.retryMs)}\n`;
  for (const line of event.data.split(LINE_BREAK)) frame += `data: ${line}\n`;
  return `${frame}\n`;
}

/**
 * Frames one JSON text. JSON never holds a raw line break, so no scan is needed: this is the hot
 * path of every notification.
 *
 * @param id - an event id of our own making, known to fit on one line
 */
export function encodeSseJson(json: string, id?: string): string {
  return id === undefined ? `data: ${json}\n\n` : `id: ${id}\ndata: ${json}\n\n`;
}

/** Frames one JSON text that comes in pieces, as {@link encodeSseJson} does. */
export function encodeSsePieces(json: Pieces, id?: string): Pieces {
  const frame = encodeSseJson('', id);
  const begin = frame.slice(0, -2);
  return {
    bytes: frame.length + json.bytes,
    *[Symbol.iterator]() {
      yield begin;
      yield* json;
      yield '\n\n';
    },
  };
}

/** A frame that is no event and tells the reader how long to wait before it reconnects. */
export function encodeSseRetry(retryMs: number): string {
  return `retry: ${Math.trunc(retryMs)}\n\n`;
}
