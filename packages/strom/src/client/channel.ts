/**
 * A two-way line for message texts that all requests share.
 *
 * @module
 */
import type { StromError } from '../base/strom-error.ts';
import type { LongTexts } from '../protocol/long-texts.ts';
import type { TransportName } from './exchange.ts';

/** What a channel reports. */
export interface ChannelEvents {
  /** @param longTexts - what was taken out of the text */
  onText(text: string, longTexts?: LongTexts): void;
  /** Awaited before more is read, where the channel can wait. */
  whenRoom(): Promise<void>;
  /** A message over the bound was skipped; the channel goes on. */
  onOverlong(): void;
  /** Called once, when the other side is gone or `close` has ended the channel. */
  onClosed(reason: StromError): void;
  onWarning(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export interface Channel {
  readonly transport: TransportName;
  send(text: string): Promise<void>;
  settle(revisionDate: string): void;
  close(): Promise<void>;
}

/** Opens a channel; rejects when the other side cannot be reached. */
export type OpenChannel = (events: ChannelEvents, signal: AbortSignal) => Promise<Channel>;
