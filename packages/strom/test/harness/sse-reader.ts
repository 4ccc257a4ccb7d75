import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Reads an event stream as it comes, with a parser of another make. */
export class SseReader {
  readonly comments: string[] = [];
  readonly retries: number[] = [];
  /** Everything that was read, byte for byte. */
  text = '';
  readonly #events: EventSourceMessage[] = [];
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #utf8 = new TextDecoder();
  readonly #parser = createParser({
    onEvent: (event) => this.#events.push(event),
    onComment: (comment) => this.comments.push(comment),
    onRetry: (retryMs) => this.retries.push(retryMs),
  });
  #hasEnded = false;

  constructor(response: Response) {
    if (response.body === null) throw new Error('an answer without a body');
    this.#reader = response.body.getReader();
  }

  /** The next event, or `undefined` at the end of the stream. */
  async next(): Promise<EventSourceMessage | undefined> {
    while (this.#events.length === 0 && !this.#hasEnded) await this.readOn();
    return this.#events.shift();
  }

  /** The data of the next event that has any; fails at the end of the stream. */
  async data(): Promise<string> {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error('the stream has ended');
      if (event.data !== '') return event.data;
    }
  }

  /** All events up to the end. */
  async rest(): Promise<EventSourceMessage[]> {
    while (!this.#hasEnded) await this.readOn();
    return this.#events.splice(0);
  }

  /** Reads one more piece, whatever is in it. */
  async readOn(): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (done) this.#hasEnded = true;
    else {
      const text = this.#utf8.decode(value, { stream: true });
      this.text += text;
      this.#parser.feed(text);
    }
  }

  /** Goes away in the middle. */
  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
