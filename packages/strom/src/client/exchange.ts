/**
 * What a transport is to the client: a way to put a request on its way. Streams of their own (HTTP)
 * and one shared channel (stdio, in-process, HTTP+SSE) look the same from here.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { Inbox } from './inbox.ts';

export type TransportName = 'streamable-http' | 'http+sse' | 'stdio' | 'local';

/** A request ready to be sent. */
export interface Outgoing {
  readonly id: number;
  readonly method: string;
  readonly text: string;
  /** Headers this one request needs, where the transport has headers. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Exchange {
  readonly transport: TransportName;
  /** False once the other side is gone for good; then a new exchange is needed. */
  readonly isOpen: boolean;
  /** Puts a request on its way. All it causes goes to `inbox`, which fails if the exchange breaks. */
  send(request: Outgoing, inbox: Inbox): void;
  /** Gives a request up, and tells the server so in the way of the transport and era. */
  cancel(inbox: Inbox): void;
  /** Delivers a notification or an answer. */
  post(text: string): Promise<void>;
  /** Tells the exchange what the handshake has settled, once it has. */
  settle(revisionDate: string): void;
  /** Starts to listen to what the server says unasked, where that takes a stream of its own. */
  listen(): void;
  /** Settles when messages the server sends unasked can arrive, or never will. */
  whenListening(): Promise<void>;
  /** Lets go of an exchange that is being replaced; what still runs on it may come to its end. */
  release(): Promise<void>;
  /** Ends the exchange; whatever waits for it fails with `ERR_CLOSED`. */
  close(): Promise<void>;
}

/** The text of a request. `params` must be safe to serialise. */
export function notificationText(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) });
}

/** The text that withdraws a request where no stream can be closed to say so. */
export function cancelText(requestId: number): string {
  return notificationText('notifications/cancelled', {
    requestId,
    reason: 'cancelled by the client',
  });
}
