/**
 * The stream a session keeps open with GET, on which the server speaks unasked.
 *
 * A server need not have one. When it breaks it is opened again where it stopped, with growing
 * pauses, and after too many failures in a row it is given up: calls work without it.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#listening-for-messages-from-the-server
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import { backoffMs } from './backoff.ts';
import { EventStream } from './event-stream.ts';
import { type HttpContext, isEventStream } from './http-answer.ts';
import { discardBody } from './http-body.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { pause } from './pause.ts';

const MAX_FAILURES = 8;
const SHORT_LIVED_MS = 10_000;

export interface StandaloneOptions {
  readonly endpoint: HttpEndpoint;
  readonly context: HttpContext;
  /** The headers of the session. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onSessionLost: () => void;
}

export class StandaloneStream {
  /** Settles when the stream is open for the first time, or will never be. */
  readonly opened: Promise<void>;
  readonly #options: StandaloneOptions;
  readonly #stream: EventStream;
  #announceOpen: () => void = () => undefined;
  #hasBeenOpen = false;

  constructor(options: StandaloneOptions) {
    const { board, maxMessageChars } = options.context;
    this.#options = options;
    this.opened = new Promise((resolve) => {
      this.#announceOpen = resolve;
    });
    this.#stream = new EventStream({
      onEvent: ({ event, data, longTexts }) => {
        if (event === 'message') board.receive(data, longTexts);
      },
      // Never waits: questions of the server must not stand behind a call nobody reads.
      whenRoom: () => {
        board.shed();
        return Promise.resolve();
      },
      maxEventChars: maxMessageChars,
    });
  }

  /** Keeps the stream open until the signal ends it. Never rejects. */
  async run(): Promise<void> {
    const { signal, context } = this.#options;
    try {
      await this.#keepOpen();
    } catch (error) {
      if (!signal.aborted) context.onWarning('the standalone stream was given up', { error });
    } finally {
      this.#announceOpen();
    }
  }

  async #keepOpen(): Promise<void> {
    const { signal, context } = this.#options;
    for (let failures = 0; failures < MAX_FAILURES; failures += 1) {
      const response = await this.#open().catch((error: unknown) => {
        signal.throwIfAborted();
        context.onWarning('the standalone stream did not open', { error });
      });
      if (response === 'unavailable') return;
      if (response !== undefined && (await this.#read(response))) failures = 0;
      signal.throwIfAborted();
      await pause(backoffMs(failures, this.#stream.retryMs), context.clock, signal);
    }
    throw new StromError('ERR_PEER_GONE', 'the standalone stream does not open any more');
  }

  /** Whether the connection was worth another one: it lasted, said something or asked for it. */
  async #read(response: Response): Promise<boolean> {
    const { clock } = this.#options.context;
    const openedAtMs = clock.now();
    const idBefore = this.#stream.lastEventId;
    this.#hasBeenOpen = true;
    this.#announceOpen();
    await this.#stream.read(response);
    const hasLasted = clock.now() - openedAtMs >= SHORT_LIVED_MS;
    return hasLasted || this.#stream.retryMs !== undefined || this.#stream.lastEventId !== idBefore;
  }

  /** A connection, `undefined` for a failure worth another attempt, or the end of all attempts. */
  async #open(): Promise<Response | 'unavailable' | undefined> {
    const { endpoint, headers, signal, onSessionLost } = this.#options;
    const response = await endpoint.send({
      method: 'GET',
      headers: {
        ...headers(),
        Accept: 'text/event-stream',
        ...this.#stream.resumeHeaders,
      },
      signal,
    });
    if (response.ok && isEventStream(response)) return response;
    discardBody(response);
    if (response.status >= 500 || response.status === 429) return undefined;
    if (response.status === 404 && this.#hasBeenOpen) onSessionLost();
    return 'unavailable';
  }
}
