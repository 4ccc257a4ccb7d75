import { SseReader } from '../sse-reader.ts';
import type { DuplexLine } from './duplex-peer.ts';

/** HTTP+SSE of 2024-11-05: a stream for what the server says, POSTs for what the client says. */
export class SseDuplexLine implements DuplexLine {
  readonly endpoint: string;
  readonly #reader: SseReader;
  readonly #reading: Promise<void>;

  private constructor(endpoint: string, reader: SseReader, receive: (message: string) => void) {
    this.endpoint = endpoint;
    this.#reader = reader;
    this.#reading = this.#readOn(receive);
  }

  static async open(url: string, receive: (message: string) => void): Promise<SseDuplexLine> {
    const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
    const reader = new SseReader(response);
    const first = await reader.next();
    if (first?.event !== 'endpoint') throw new Error('the first event names no endpoint');
    return new SseDuplexLine(new URL(first.data, url).href, reader, receive);
  }

  async send(message: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.endpoint, { method: 'POST', headers, body: message });
    await response.text();
    if (response.status !== 202) throw new Error(`a message was answered ${response.status}`);
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
    await this.#reading;
  }

  async #readOn(receive: (message: string) => void): Promise<void> {
    for (;;) {
      const event = await this.#reader.next();
      if (event === undefined) return;
      receive(event.data);
    }
  }
}
