/**
 * HTTP/2 by hand: frames exactly as a test wants them, for a client that heeds no rule and no setting of
 * its peer.
 *
 * @module
 */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { modernBody, modernHeaders } from '../../harness/mcp-request.ts';

/** What a client says first. */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const HEAD_BYTES = 9;

export const FRAMES = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAGS = { none: 0, ack: 1, endStream: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame. */
export function frame(type: number, fields: Partial<Omit<Frame, 'type'>> = {}): Buffer {
  const { flags = 0, stream = 0, payload = Buffer.alloc(0) } = fields;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A number as HPACK writes it behind a prefix of seven bits. */
function prefixed(value: number): number[] {
  const bytes = [Math.min(value, 0x7f)];
  let rest = value - 0x7f;
  if (rest < 0) return bytes;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([Buffer.from(prefixed(bytes.length)), bytes]);
}

export type HeaderLines = readonly (readonly [string, string])[];

/** Header lines, none of them kept in a table. */
export function headerBlock(lines: HeaderLines): Buffer {
  const literal = Buffer.from([0]);
  return Buffer.concat(lines.flatMap(([name, value]) => [literal, text(name), text(value)]));
}

export function pseudoHeaders(port: number, method = 'POST'): HeaderLines {
  return [
    [':method', method],
    [':path', '/mcp'],
    [':scheme', 'https'],
    [':authority', `127.0.0.1:${port}`],
  ];
}

/** A whole call of a tool on a stream. */
export function callFrames(port: number, stream: number, tool: string): Buffer {
  const lines = modernHeaders('tools/call', tool).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  const { headers, data } = FRAMES;
  const { endHeaders, endStream } = FLAGS;
  const block = headerBlock([...pseudoHeaders(port), ...lines]);
  const body = Buffer.from(modernBody('tools/call', { name: tool, arguments: {} }));
  return Buffer.concat([
    frame(headers, { flags: endHeaders, stream, payload: block }),
    frame(data, { flags: endStream, stream, payload: body }),
  ]);
}

/** A connection over TLS that has agreed on HTTP/2 and sent its preface. */
export class RawHttp2 implements AsyncDisposable {
  readonly socket: TLSSocket;
  readonly port: number;
  /** What came so far. */
  readonly frames: Frame[] = [];
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  #isClosed = false;
  #rest = Buffer.alloc(0);
  #wake: (() => void) | undefined;

  private constructor(socket: TLSSocket, port: number) {
    this.socket = socket;
    this.port = port;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    // A reset is one of the ways in which a server may close.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      const close = (): void => {
        this.#isClosed = true;
        resolve();
        this.#wake?.();
      };
      socket.once('end', close).once('close', close);
    });
  }

  static async open(port: number): Promise<RawHttp2> {
    const socket = connect({
      socket: connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }),
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    // It does not hang up because its peer does.
    socket.allowHalfOpen = true;
    await once(socket, 'secureConnect');
    const connection = new RawHttp2(socket, port);
    connection.write(PREFACE, frame(FRAMES.settings));
    return connection;
  }

  write(...bytes: readonly Buffer[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(bytes));
  }

  ofType(type: number): readonly Frame[] {
    return this.frames.filter((each) => each.type === type);
  }

  /** Waits until what has come fulfils a condition, or the server has closed the connection. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Waits until the server has read what was written before, or has closed the connection. */
  async heard(): Promise<void> {
    const mark = Buffer.alloc(8, this.frames.length + 1);
    this.write(frame(FRAMES.ping, { payload: mark }));
    await this.until(() => this.ofType(FRAMES.ping).some(({ payload }) => payload.equals(mark)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= HEAD_BYTES) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < HEAD_BYTES + length) break;
      this.frames.push({
        type: this.#rest[3] ?? 0,
        flags: this.#rest[4] ?? 0,
        stream: this.#rest.readUInt32BE(5),
        payload: Buffer.from(this.#rest.subarray(HEAD_BYTES, HEAD_BYTES + length)),
      });
      this.#rest = this.#rest.subarray(HEAD_BYTES + length);
    }
    this.#wake?.();
  }
}
