/**
 * HTTP by hand: one TCP connection on which a test writes exactly the bytes it wants, and reads
 * exactly what comes back.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One complete answer. */
export interface RawAnswer {
  readonly status: number;
  /** By lower-case name; repeated headers are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body without transfer coding. */
  readonly body: string;
}

/** The body of an answer as JSON. */
export function jsonOf(answer: { readonly body: string }): Record<string, unknown> {
  return JSON.parse(answer.body) as Record<string, unknown>;
}

/** The JSON-RPC error code of an answer. */
export function rpcCodeOf(answer: { readonly body: string }): unknown {
  const { error } = jsonOf(answer) as { error?: { code?: unknown } };
  return error?.code;
}

const HEAD_END = '\r\n\r\n';

export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    // A reset is one of the ways in which a server may close.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#isClosed = true;
      this.#wake?.();
    });
  }

  /** @param from - the own address; of loopback there are many */
  static async open(port: number, host = '127.0.0.1', from?: string): Promise<RawConnection> {
    const socket = connect({ port, host, ...(from !== undefined && { localAddress: from }) });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Over a connection that is open already. */
  static over(socket: Socket): RawConnection {
    return new RawConnection(socket);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Everything that came and was not taken yet. */
  get pending(): string {
    return this.#received.toString('latin1');
  }

  /** Writes bytes; text is written as UTF-8. */
  write(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** Waits until what has come fulfils a condition; rejects when the connection closes first. */
  async until(condition: (received: string) => boolean): Promise<string> {
    while (!condition(this.pending)) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.pending)}`);
      await this.#next();
    }
    return this.pending;
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await this.#next();
  }

  /** Takes the next complete answer from what comes. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const parsed = parseAnswer(this.#received, this.#isClosed);
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.length);
        return parsed.answer;
      }
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.pending)}`);
      await this.#next();
    }
  }

  destroy(): void {
    this.socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

interface Parsed {
  readonly answer: RawAnswer;
  readonly length: number;
}

function parseAnswer(bytes: Buffer, isClosed: boolean): Parsed | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const start = headEnd + HEAD_END.length;
  const body = parseBody(bytes.subarray(start), headers, isClosed);
  if (body === undefined) return undefined;
  const status = Number(statusLine.split(' ')[1]);
  return {
    answer: { status, headers, body: body.content.toString('utf8') },
    length: start + body.length,
  };
}

interface Body {
  readonly content: Buffer;
  readonly length: number;
}

function parseBody(
  bytes: Buffer,
  headers: ReadonlyMap<string, string>,
  isClosed: boolean,
): Body | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return parseChunks(bytes);
  const stated = headers.get('content-length');
  if (stated === undefined) {
    return isClosed || headers.get('connection') !== 'close'
      ? { content: bytes, length: bytes.length }
      : undefined;
  }
  const length = Number(stated);
  return bytes.length < length ? undefined : { content: bytes.subarray(0, length), length };
}

function parseChunks(bytes: Buffer): Body | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + size + 2) return undefined;
    at = start + size + 2;
    if (size === 0) return { content: Buffer.concat(parts), length: at };
    parts.push(bytes.subarray(start, start + size));
  }
}

/** Opens a connection, writes the bytes and reads one answer. */
export async function sendRaw(port: number, bytes: string | Uint8Array): Promise<RawAnswer> {
  await using connection = await RawConnection.open(port);
  connection.write(bytes);
  return await connection.answer();
}

export interface RawRequest {
  readonly method?: string;
  readonly target?: string;
  /** Header lines as name and value, in order; `Host` and the length come first unless given. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
}

/** The bytes of a request. Nothing is checked or escaped. */
export function rawRequest(port: number, request: RawRequest): Buffer {
  const { method = 'POST', target = '/mcp', headers = [], body = '' } = request;
  const content = Buffer.from(body as string);
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  const lines = [`${method} ${target} HTTP/1.1`];
  if (!has('host')) lines.push(`Host: 127.0.0.1:${port}`);
  if (!has('content-length') && !has('transfer-encoding') && content.length > 0) {
    lines.push(`Content-Length: ${content.length}`);
  }
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join('\r\n')}${HEAD_END}`, 'latin1');
  return Buffer.concat([head, content]);
}
