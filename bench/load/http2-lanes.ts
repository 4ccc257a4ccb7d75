import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import {
  ACKNOWLEDGED,
  END_STREAM,
  FRAME,
  FRAME_HEAD_BYTES,
  frame,
  isOk,
  PREFACE,
  RequestEncoder,
} from './http2-frames.ts';
import type { Line } from './line.ts';
import type { HttpRequest } from './requests.ts';
import { SILENT_SINK } from './response-reader.ts';

const NO_BYTES = Buffer.alloc(0);
const OK = 200;

/** One of the streams that run at a time on an HTTP/2 connection. */
class Http2Lane implements Line {
  readonly #connection: Http2Connection;
  sink = SILENT_SINK;

  constructor(connection: Http2Connection) {
    this.#connection = connection;
  }

  send(request: HttpRequest): void {
    this.#connection.send(request, this);
  }

  stopReading(): void {
    throw new Error('an unread stream would stop its neighbours');
  }

  /** The first lane hangs up for all of them. */
  close(): void {
    this.#connection.close();
  }
}

/** One connection. What is sent in one turn is one write. */
class Http2Connection {
  readonly #socket: TLSSocket;
  readonly #lanes = new Map<number, Http2Lane>();
  readonly #encoder = new RequestEncoder();
  #nextStream = 1;
  #out: Buffer[] = [];
  #rest: Buffer = NO_BYTES;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    // A server that drops the connection shows in answers that do not come.
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => this.#feed(bytes));
    socket.write(PREFACE);
  }

  send(request: HttpRequest, lane: Http2Lane): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#lanes.set(stream, lane);
    this.#queue(this.#encoder.encode(request, stream));
  }

  close(): void {
    this.#socket.destroy();
  }

  #queue(bytes: Buffer): void {
    if (this.#out.push(bytes) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const all = this.#out;
    this.#out = [];
    this.#socket.write(Buffer.concat(all));
  }

  #feed(bytes: Buffer): void {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let position = 0;
    while (data.length - position >= FRAME_HEAD_BYTES) {
      const start = position + FRAME_HEAD_BYTES;
      const end = start + data.readUIntBE(position, 3);
      if (end > data.length) break;
      this.#frame(data, position, end);
      position = end;
    }
    this.#rest = data.subarray(position);
  }

  #frame(data: Buffer, position: number, end: number): void {
    const start = position + FRAME_HEAD_BYTES;
    const [type, flags = 0] = [data[position + 3], data[position + 4]];
    const stream = data.readUInt32BE(position + 5);
    const isAcknowledgement = (flags & ACKNOWLEDGED) !== 0;
    switch (type) {
      case FRAME.headers:
        this.#lanes.get(stream)?.sink.head(isOk(data, start, end) ? OK : 0, '');
        break;
      case FRAME.data:
        if (end > start) this.#lanes.get(stream)?.sink.body(data, start, end);
        break;
      case FRAME.settings:
        if (!isAcknowledgement) this.#acknowledge(FRAME.settings, NO_BYTES);
        return;
      case FRAME.ping:
        if (!isAcknowledgement) this.#acknowledge(FRAME.ping, data.subarray(start, end));
        return;
      case FRAME.reset:
      case FRAME.goAway:
        this.close();
        return;
      default:
        return;
    }
    if ((flags & END_STREAM) !== 0) this.#complete(stream);
  }

  #acknowledge(type: number, payload: Buffer): void {
    this.#queue(frame({ type, flags: ACKNOWLEDGED, payload }));
  }

  #complete(stream: number): void {
    const lane = this.#lanes.get(stream);
    this.#lanes.delete(stream);
    lane?.sink.complete();
  }
}

/** Opens one connection and as many lanes on it. */
export async function openHttp2Lanes(port: number, count: number): Promise<Line[]> {
  const options = { rejectUnauthorized: false, ALPNProtocols: ['h2'] };
  const socket = connect({ port, host: '127.0.0.1', ...options });
  await once(socket, 'secureConnect');
  const connection = new Http2Connection(socket);
  return Array.from({ length: count }, () => new Http2Lane(connection));
}
