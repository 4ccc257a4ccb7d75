import type { LogLevel } from '../../../src/base/log-level.ts';
import { MODERN, modernMeta } from '../mcp-request.ts';
import { Exchange, type Fields, type Peer, type RequestOptions } from './peer.ts';

/** A line to a server on which messages of all requests share one channel. */
export interface DuplexLine {
  send(message: string): void | Promise<void>;
  close(): void | Promise<void>;
}

interface Incoming {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly progressToken?: string };
}

/**
 * The peer of stdio, of HTTP+SSE and of connections within the process. Log lines name no request:
 * they are told to the one that was sent last.
 */
export class DuplexPeer implements Peer {
  readonly revision: string;
  readonly #open: (receive: (message: string) => void) => Promise<DuplexLine>;
  readonly #exchanges = new Map<number, Exchange>();
  #line: DuplexLine | undefined;
  #latest: Exchange | undefined;
  #logLevel: LogLevel | undefined;
  #lastId = 0;

  private constructor(
    revision: string,
    open: (receive: (message: string) => void) => Promise<DuplexLine>,
  ) {
    this.revision = revision;
    this.#open = open;
  }

  /** Opens a line, and a session on it unless the revision has none. */
  static async connect(
    revision: string,
    open: (receive: (message: string) => void) => Promise<DuplexLine>,
  ): Promise<DuplexPeer> {
    const peer = new DuplexPeer(revision, open);
    peer.#line = await peer.#open((message) => peer.#receive(message));
    if (revision !== MODERN) await peer.#initialize();
    return peer;
  }

  async request(
    method: string,
    params: Fields = {},
    options: RequestOptions = {},
  ): Promise<Exchange> {
    this.#lastId += 1;
    const exchange = new Exchange(this.#lastId);
    this.#exchanges.set(exchange.id, exchange);
    this.#latest = exchange;
    const _meta = {
      ...(options.wantsProgress !== false && { progressToken: exchange.token }),
      ...(this.revision === MODERN && modernMeta(this.#modernLevel())),
    };
    const message = { jsonrpc: '2.0', id: exchange.id, method, params: { ...params, _meta } };
    await this.#line?.send(JSON.stringify(message));
    return exchange;
  }

  async setLogLevel(level: LogLevel): Promise<void> {
    this.#logLevel = level;
    if (this.revision === MODERN) return;
    await (await this.request('logging/setLevel', { level })).answer();
  }

  async cancel(exchange: Exchange): Promise<void> {
    await this.#notify('notifications/cancelled', { requestId: exchange.id });
    exchange.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line?.close();
  }

  #modernLevel(): Fields {
    if (this.#logLevel === undefined) return {};
    return { 'io.modelcontextprotocol/logLevel': this.#logLevel };
  }

  async #initialize(): Promise<void> {
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: this.revision, capabilities: {}, clientInfo };
    const { result } = await (await this.request('initialize', params)).answer();
    if (result?.['protocolVersion'] !== this.revision) throw new Error('another revision');
    await this.#notify('notifications/initialized', {});
  }

  async #notify(method: string, params: Fields): Promise<void> {
    const _meta = this.revision === MODERN ? modernMeta() : {};
    await this.#line?.send(
      JSON.stringify({ jsonrpc: '2.0', method, params: { ...params, _meta } }),
    );
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as Incoming;
    if (message.method !== undefined) {
      const owner = [...this.#exchanges.values()].find(
        ({ token }) => token === message.params?.progressToken,
      );
      (owner ?? this.#latest)?.deliver(text);
      return;
    }
    const exchange = this.#exchanges.get(message.id ?? 0);
    exchange?.deliver(text);
    exchange?.end();
  }
}
