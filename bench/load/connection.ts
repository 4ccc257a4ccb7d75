import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Line } from './line.ts';
import type { HttpRequest } from './requests.ts';
import { ResponseReader, SILENT_SINK } from './response-reader.ts';

const HOST = '127.0.0.1';

/** One keep-alive connection in HTTP/1.1, in the clear or over TLS. */
export class Connection implements Line {
  readonly #socket: Socket;
  sink = SILENT_SINK;

  private constructor(port: number, isEncrypted: boolean) {
    const reader = new ResponseReader({
      head: (status, head) => this.sink.head(status, head),
      body: (bytes, start, end) => this.sink.body(bytes, start, end),
      complete: () => this.sink.complete(),
    });
    this.#socket = isEncrypted ? openTls(port, reader) : openTcp(port, reader);
    this.#socket.setNoDelay(true);
    // A server that drops a connection shows in answers that do not come.
    this.#socket.on('error', () => this.#socket.destroy());
  }

  static async open(port: number, isEncrypted: boolean): Promise<Connection> {
    const connection = new Connection(port, isEncrypted);
    await once(connection.#socket, isEncrypted ? 'secureConnect' : 'connect');
    return connection;
  }

  send(request: HttpRequest): void {
    this.#socket.write(request.bytes);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One for all: it is read before the next connection has its turn. */
const INPUT = Buffer.allocUnsafe(64 * 1024);

function openTcp(port: number, reader: ResponseReader): Socket {
  return connectTcp({
    port,
    host: HOST,
    // Past the stream machinery, which would cost more than reading the answer.
    onread: {
      buffer: INPUT,
      callback(length) {
        reader.feed(INPUT.subarray(0, length));
        return true;
      },
    },
  });
}

function openTls(port: number, reader: ResponseReader): Socket {
  // The server's certificate is its own; nothing but the bench is at the other end.
  const options = { rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] };
  const socket = connectTls({ port, host: HOST, ...options });
  return socket.on('data', (bytes) => reader.feed(bytes));
}
