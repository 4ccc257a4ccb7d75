import type { LogLevel } from '../../../src/base/log-level.ts';
import { initializeBody, MODERN, modernMeta } from '../mcp-request.ts';
import { SseReader } from '../sse-reader.ts';
import { Exchange, type Fields, type Peer, type RequestOptions } from './peer.ts';

export interface HttpDoor extends AsyncDisposable {
  readonly url: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

const NAME_PARAMS: Record<string, string> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** The peer of Streamable HTTP, of every revision. */
export class HttpPeer implements Peer {
  readonly revision: string;
  readonly #door: HttpDoor;
  readonly #aborts = new Map<Exchange, AbortController>();
  #sessionId: string | undefined;
  #logLevel: LogLevel | undefined;
  #lastId = 0;

  private constructor(revision: string, door: HttpDoor) {
    this.revision = revision;
    this.#door = door;
  }

  /** Opens a session at a URL unless the revision has none. */
  static at(url: string, revision: string): Promise<HttpPeer> {
    const door = {
      url,
      fetch: (target: string, init: RequestInit) => fetch(target, init),
      [Symbol.asyncDispose]: async () => undefined,
    };
    return HttpPeer.connect(revision, door);
  }

  /** Opens a session unless the revision has none. */
  static async connect(revision: string, door: HttpDoor): Promise<HttpPeer> {
    const peer = new HttpPeer(revision, door);
    if (revision !== MODERN) await peer.#initialize();
    return peer;
  }

  get sessionId(): string {
    return this.#sessionId ?? '';
  }

  async request(
    method: string,
    params: Fields = {},
    options: RequestOptions = {},
  ): Promise<Exchange> {
    this.#lastId += 1;
    const exchange = new Exchange(this.#lastId);
    const _meta = {
      ...(options.wantsProgress !== false && { progressToken: exchange.token }),
      ...(this.revision === MODERN && modernMeta(this.#modernLevel())),
    };
    const message = { jsonrpc: '2.0', id: exchange.id, method, params: { ...params, _meta } };
    const abort = new AbortController();
    this.#aborts.set(exchange, abort);
    const response = this.post(JSON.stringify(message), {
      headers: this.#mirrors(method, params),
      signal: abort.signal,
    });
    response.then((answer) => deliver(answer, exchange)).catch(() => exchange.end());
    return exchange;
  }

  async setLogLevel(level: LogLevel): Promise<void> {
    this.#logLevel = level;
    if (this.revision === MODERN) return;
    await (await this.request('logging/setLevel', { level })).answer();
  }

  async cancel(exchange: Exchange): Promise<void> {
    if (this.revision === MODERN) {
      this.#aborts.get(exchange)?.abort();
      return;
    }
    const params = { requestId: exchange.id };
    const method = 'notifications/cancelled';
    await this.post(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** Posts a body with the headers of the session. */
  post(
    body: string,
    more: { headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    return this.#door.fetch(this.#door.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...this.#sessionHeaders(),
        ...more.headers,
      },
      body,
      ...(more.signal !== undefined && { signal: more.signal }),
    });
  }

  /** Opens the stream of the session, or resumes the one an event id belongs to. */
  listen(lastEventId?: string): Promise<Response> {
    return this.#door.fetch(this.#door.url, {
      headers: {
        accept: 'text/event-stream',
        ...this.#sessionHeaders(),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
    });
  }

  /** The status of the answer to a `ping`. */
  async ping(): Promise<number> {
    const response = await this.post('{"jsonrpc":"2.0","id":"ping","method":"ping"}');
    await response.text();
    return response.status;
  }

  /** Ends the session. */
  terminate(): Promise<Response> {
    return this.#door.fetch(this.#door.url, { method: 'DELETE', headers: this.#sessionHeaders() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const abort of this.#aborts.values()) abort.abort();
    await this.#door[Symbol.asyncDispose]();
  }

  #sessionHeaders(): Record<string, string> {
    if (this.#sessionId === undefined) return {};
    return { 'mcp-session-id': this.#sessionId, 'mcp-protocol-version': this.revision };
  }

  #mirrors(method: string, params: Fields): Record<string, string> {
    if (this.revision !== MODERN) return {};
    const name = params[NAME_PARAMS[method] ?? ''];
    return {
      'mcp-protocol-version': MODERN,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
    };
  }

  #modernLevel(): Fields {
    if (this.#logLevel === undefined) return {};
    return { 'io.modelcontextprotocol/logLevel': this.#logLevel };
  }

  async #initialize(): Promise<void> {
    const response = await this.post(initializeBody(this.revision));
    this.#sessionId = response.headers.get('mcp-session-id') ?? '';
    const { result } = (await response.json()) as { result: { protocolVersion: string } };
    if (result.protocolVersion !== this.revision) throw new Error('another revision');
    const accepted = await this.post('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await accepted.text();
    if (accepted.status !== 202) throw new Error(`initialized was answered ${accepted.status}`);
  }
}

/** Hands the messages of an answer to its exchange, whatever form the answer has. */
async function deliver(response: Response, exchange: Exchange): Promise<void> {
  if (response.headers.get('content-type') === 'text/event-stream') {
    const reader = new SseReader(response);
    for (let event = await reader.next(); event !== undefined; event = await reader.next()) {
      // The event that starts a resumable stream carries no message.
      if (event.data !== '') exchange.deliver(event.data);
    }
  } else {
    const text = await response.text();
    if (text !== '') exchange.deliver(text);
  }
  exchange.end();
}
