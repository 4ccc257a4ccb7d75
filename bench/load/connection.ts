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

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new ResponseReader({
      head: (status, head) => this.sink.head(status, head),
      body: (bytes, start, end) => this.sink.body(bytes, start, end),
      complete: () => this.sink.complete(),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes) => reader.feed(bytes));
    // A server that drops a connection shows in answers that do not come.
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number, isEncrypted: boolean): Promise<Connection> {
    // The server's certificate is its own; nothing but the bench is at the other end.
    const socket = isEncrypted
      ? connectTls({ port, host: HOST, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : connectTcp(port, HOST);
    await once(socket, isEncrypted ? 'secureConnect' : 'connect');
    return new Connection(socket);
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
