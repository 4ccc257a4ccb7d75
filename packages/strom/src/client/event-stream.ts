/**
 * One logical stream of server-sent events over any number of connections.
 *
 * Remembers the last event that was read whole, so that the next connection continues after it:
 * nothing is lost and nothing is read twice.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { type DecodedSseEvent, SseDecoder } from '../protocol/sse-decode.ts';
import { pumpText } from './http-body.ts';

/** No server takes more in a header. */
const MAX_EVENT_ID_CHARS = 8 * 1024;

/** An id that no header carries is no place to continue from. */
function carried(eventId: string): string {
  return eventId.length > MAX_EVENT_ID_CHARS ? '' : eventId;
}

export interface EventStreamOptions {
  readonly onEvent: (event: DecodedSseEvent) => void;
  /** Called after every piece that was read. */
  readonly onRead?: () => void;
  readonly whenRoom: () => Promise<void>;
  readonly maxEventChars: number;
}

/** Other events of the protocol are no JSON. */
const isMessage = (event: string): boolean => event === 'message';

export class EventStream {
  readonly #options: EventStreamOptions;
  #lastEventId = '';
  #retryMs: number | undefined;

  constructor(options: EventStreamOptions) {
    this.#options = options;
  }

  /** The id to continue after; empty when the stream cannot be continued. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  /** The header that names the event to continue after; none before the first id. */
  get resumeHeaders(): Readonly<Record<string, string>> {
    if (this.#lastEventId === '') return {};
    // Headers carry bytes; the standard wants the UTF-8 ones.
    const bytes = new TextEncoder().encode(this.#lastEventId);
    return { 'Last-Event-ID': String.fromCharCode(...bytes) };
  }

  /** How long the server asked to wait before the next connection. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /**
   * Reads one connection until it ends.
   *
   * @returns what broke it, or `undefined` after an orderly end
   * @throws {StromError} for an event over the bound, and whatever `onEvent` throws on purpose
   */
  async read(response: Response): Promise<unknown> {
    const resumedAfter = this.#lastEventId;
    const decoder = new SseDecoder({
      onEvent: (event) => {
        const isRepeated = resumedAfter !== '' && event.lastEventId === resumedAfter;
        // An event without content only tells where to continue.
        if (!isRepeated && event.data !== '') this.#options.onEvent(event);
      },
      onRetry: (retryMs) => {
        this.#retryMs = retryMs;
      },
      maxEventChars: this.#options.maxEventChars,
      takesLongTexts: isMessage,
    });
    try {
      await pumpText(response, {
        push: (chunk) => {
          decoder.push(chunk);
          if (decoder.lastEventId !== '') this.#lastEventId = carried(decoder.lastEventId);
          this.#options.onRead?.();
        },
        whenRoom: this.#options.whenRoom,
      });
      return undefined;
    } catch (error) {
      if (error instanceof StromError) throw error;
      return error ?? new Error('aborted');
    }
  }
}
