import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Line } from './line.ts';
import type { HttpRequest } from './requests.ts';
import { SILENT_SINK } from './response-reader.ts';

/** One of the streams that run at a time on an HTTP/2 connection. */
class Http2Lane implements Line {
  readonly #session: ClientHttp2Session;
  sink = SILENT_SINK;

  constructor(session: ClientHttp2Session) {
    this.#session = session;
  }

  send(request: HttpRequest): void {
    const stream = this.#session.request({
      ':method': request.method,
      ':path': request.path,
      ':authority': request.authority,
      ...request.headers,
    });
    stream.on('response', (headers) => this.sink.head(Number(headers[':status']), ''));
    stream.on('data', (bytes: Buffer) => this.sink.body(bytes, 0, bytes.length));
    stream.on('end', () => this.sink.complete());
    stream.end(request.body);
  }

  stopReading(): void {
    throw new Error('an unread stream would stop its neighbours');
  }

  /** The first lane hangs up for all of them. */
  close(): void {
    this.#session.destroy();
  }
}

/** Opens one connection and as many lanes on it. */
export async function openHttp2Lanes(port: number, count: number): Promise<Line[]> {
  const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  await once(session, 'connect');
  // A server that drops the connection shows in answers that do not come.
  session.on('error', () => session.destroy());
  return Array.from({ length: count }, () => new Http2Lane(session));
}
