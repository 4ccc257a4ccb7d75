/**
 * HTTP+SSE of 2024-11-05: one GET stream for everything the server says, and POSTs to the endpoint
 * it names in its first event. Kept for servers that know nothing newer.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { Channel, ChannelEvents, OpenChannel } from './channel.ts';
import { EventStream } from './event-stream.ts';
import { isEventStream } from './http-answer.ts';
import { discardBody } from './http-body.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { readRefusal } from './http-error.ts';
import { onAbort } from './on-abort.ts';
import { orAborted } from './pause.ts';

/** Where to POST, as the server says it; it must stay on the server's own origin. */
function endpointFrom(data: string, base: URL): URL {
  if (!URL.canParse(data, base.href)) {
    throw new StromError('ERR_PROTOCOL', 'the server named an endpoint that is no URL');
  }
  const url = new URL(data, base);
  if (url.origin !== base.origin) {
    throw new StromError('ERR_PROTOCOL', `the server named an endpoint on ${url.origin}`);
  }
  return url;
}

class SseChannel implements Channel {
  readonly transport = 'http+sse';
  readonly #endpoint: HttpEndpoint;
  readonly #end: AbortController;
  #headers: Readonly<Record<string, string>> = { 'Content-Type': 'application/json' };

  constructor(endpoint: HttpEndpoint, end: AbortController) {
    this.#endpoint = endpoint;
    this.#end = end;
  }

  async send(text: string): Promise<void> {
    const response = await this.#endpoint.send({
      method: 'POST',
      headers: this.#headers,
      body: text,
      signal: this.#end.signal,
    });
    if (!response.ok) throw (await readRefusal(response)).error;
    discardBody(response);
  }

  settle(revisionDate: string): void {
    this.#headers = { ...this.#headers, 'MCP-Protocol-Version': revisionDate };
  }

  close(): Promise<void> {
    this.#end.abort(new StromError('ERR_CLOSED', 'the client was closed'));
    return Promise.resolve();
  }
}

/** Reads the stream to its end; the first event must name the endpoint. */
async function readChannel(
  response: Response,
  reader: { events: ChannelEvents; maxMessageChars: number; onEndpoint: (data: string) => void },
): Promise<void> {
  const { events, maxMessageChars, onEndpoint } = reader;
  const stream = new EventStream({
    onEvent: ({ event, data, longTexts }) => {
      if (event === 'endpoint') onEndpoint(data);
      else if (event === 'message') events.onText(data, longTexts);
    },
    whenRoom: () => events.whenRoom(),
    maxEventChars: maxMessageChars,
  });
  const cause = await stream.read(response);
  throw new StromError('ERR_PEER_GONE', 'the server closed its stream', { cause });
}

/** Opens the stream and waits for the endpoint. */
export function sseChannel(endpoint: HttpEndpoint, maxMessageChars: number): OpenChannel {
  return async (events, signal) => {
    const end = new AbortController();
    const loseInterest = onAbort(signal, () => end.abort(signal.reason));
    try {
      const response = await endpoint.send({
        method: 'GET',
        headers: { Accept: 'text/event-stream' },
        signal: end.signal,
      });
      if (!response.ok) throw (await readRefusal(response)).error;
      if (!isEventStream(response)) {
        discardBody(response);
        throw new StromError('ERR_PROTOCOL', 'the server opened no stream of events');
      }
      const named = new Promise<string>((resolve, reject) => {
        readChannel(response, { events, maxMessageChars, onEndpoint: resolve }).catch(
          (error: StromError) => {
            reject(error);
            events.onClosed(error);
          },
        );
      });
      const url = endpointFrom(await orAborted(named, end.signal), endpoint.url);
      return new SseChannel(endpoint.at(url), end);
    } catch (error) {
      end.abort(error);
      throw error;
    } finally {
      loseInterest();
    }
  };
}
