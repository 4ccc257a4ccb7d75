/**
 * Reads HTTP/1.1 responses off one connection without copying their bodies: a load generator must
 * cost less than the servers it measures.
 *
 * @module
 */
export interface ResponseSink {
  /** The head has arrived. */
  head(status: number, head: string): void;
  /** A piece of the decoded body; the bytes are only valid during the call. */
  body(bytes: Buffer, start: number, end: number): void;
  /** The response is complete. */
  complete(): void;
}

/** Hears nothing. */
export const SILENT_SINK: ResponseSink = { head() {}, body() {}, complete() {} };

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
const NO_BYTES = Buffer.alloc(0);

type State = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer';

export class ResponseReader {
  readonly #sink: ResponseSink;
  #state: State = 'head';
  /** What arrived of a head or of a line that is not complete yet. */
  #rest: Buffer = NO_BYTES;
  #remaining = 0;
  #lastHead = '';
  #lastStatus = 0;
  /** Body length of the last head; -1 for chunked. */
  #lastLength = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  feed(bytes: Buffer): void {
    let data = bytes;
    if (this.#rest.length > 0) {
      data = Buffer.concat([this.#rest, bytes]);
      this.#rest = NO_BYTES;
    }
    let position = 0;
    while (position < data.length) {
      const next = this.#step(data, position);
      if (next === -1) {
        // Copied: the chunk behind it belongs to the socket.
        this.#rest = Buffer.from(data.subarray(position));
        return;
      }
      position = next;
    }
  }

  /** Returns where to go on, or -1 when more bytes are needed. */
  #step(data: Buffer, position: number): number {
    switch (this.#state) {
      case 'head':
        return this.#head(data, position);
      case 'length':
      case 'chunk':
        return this.#bytes(data, position);
      case 'chunk-size':
        return this.#chunkSize(data, position);
      case 'chunk-end':
        if (data.length - position < LINE_END.length) return -1;
        this.#state = 'chunk-size';
        return position + LINE_END.length;
      case 'trailer':
        return this.#trailer(data, position);
    }
  }

  #head(data: Buffer, position: number): number {
    const end = data.indexOf(HEAD_END, position);
    if (end === -1) return -1;
    const head = data.toString('latin1', position, end);
    // Most heads equal the one before; comparing costs less than searching for headers.
    if (head !== this.#lastHead) {
      this.#lastHead = head;
      this.#lastStatus = Number(head.slice(9, 12));
      this.#lastLength = bodyLengthOf(head);
    }
    this.#sink.head(this.#lastStatus, head);
    this.#remaining = this.#lastLength;
    if (this.#lastLength === 0) this.#sink.complete();
    else this.#state = this.#lastLength === -1 ? 'chunk-size' : 'length';
    return end + HEAD_END.length;
  }

  #bytes(data: Buffer, position: number): number {
    const end = Math.min(data.length, position + this.#remaining);
    this.#remaining -= end - position;
    this.#sink.body(data, position, end);
    if (this.#remaining > 0) return end;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else {
      this.#state = 'head';
      this.#sink.complete();
    }
    return end;
  }

  #chunkSize(data: Buffer, position: number): number {
    const end = data.indexOf(LINE_END, position);
    if (end === -1) return -1;
    this.#remaining = Number.parseInt(data.toString('latin1', position, end), 16);
    this.#state = this.#remaining === 0 ? 'trailer' : 'chunk';
    return end + LINE_END.length;
  }

  #trailer(data: Buffer, position: number): number {
    const end = data.indexOf(LINE_END, position);
    if (end === -1) return -1;
    if (end === position) {
      this.#state = 'head';
      this.#sink.complete();
    }
    return end + LINE_END.length;
  }
}

function bodyLengthOf(head: string): number {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return -1;
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}
