import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Where to call, and what proves who calls: whole header lines. */
export interface Target {
  readonly port: number;
  readonly header: string;
}

const LINES = 32;
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const HEAD_END = '\r\n\r\n';

function requestBytes({ port, header }: Target): Buffer {
  const prefix = 'io.modelcontextprotocol/';
  const params = {
    name: 'echo',
    arguments: { text: 'hello' },
    _meta: {
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientInfo`]: { name: 'load', version: '1' },
      [`${prefix}clientCapabilities`]: {},
    },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const head =
    `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
    'Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n' +
    `Mcp-Method: tools/call\r\nMcp-Name: echo\r\n${header}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** One connection that calls as soon as it was answered. */
class Line {
  answers = 0;
  fault: string | undefined;
  readonly #socket: Socket;
  readonly #request: Buffer;
  #text = '';
  #isCalling = true;

  constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.setEncoding('latin1').on('data', (text: string) => this.#take(text));
    socket.write(request);
  }

  /** Resolves when the call under way was answered. */
  async stop(): Promise<void> {
    this.#isCalling = false;
    await once(this.#socket.resume(), 'close');
  }

  #take(text: string): void {
    this.#text += text;
    const bodyAt = this.#text.indexOf(HEAD_END) + HEAD_END.length;
    const length = Number(LENGTH.exec(this.#text)?.[1]);
    if (bodyAt < HEAD_END.length || this.#text.length < bodyAt + length) return;
    if (!this.#text.startsWith('HTTP/1.1 200')) this.fault = this.#text;
    this.#text = '';
    this.answers += 1;
    if (this.#isCalling && this.fault === undefined) this.#socket.write(this.#request);
    else this.#socket.destroy();
  }
}

/**
 * Calls over 32 connections for the given time.
 *
 * @returns how many calls were answered
 * @throws {Error} with the first answer that was no 200
 */
export async function callFor(target: Target, measureMs: number): Promise<number> {
  const request = requestBytes(target);
  const sockets = Array.from({ length: LINES }, () => connect(target.port, '127.0.0.1'));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const lines = sockets.map((socket) => new Line(socket.setNoDelay(), request));
  await new Promise((resolve) => setTimeout(resolve, measureMs));
  await Promise.all(lines.map((line) => line.stop()));
  const fault = lines.find((line) => line.fault !== undefined)?.fault;
  if (fault !== undefined) throw new Error(fault);
  return lines.reduce((sum, line) => sum + line.answers, 0);
}
