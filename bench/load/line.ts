import { Connection } from './connection.ts';
import { openHttp2Lanes } from './http2-lanes.ts';
import {
  type Address,
  type HttpRequest,
  initializedNotification,
  initializeRequest,
} from './requests.ts';
import type { ResponseSink } from './response-reader.ts';

/** Carries one request at a time: a connection, or one of the streams of a connection. */
export interface Line {
  /** Hears the answers; swapped by whoever holds the line. */
  sink: ResponseSink;
  send(request: HttpRequest): void;
  /** Reads nothing more from the server. */
  stopReading(): void;
  close(): void;
}

/** A line, and the address that requests on it are to be made for. */
export interface OpenLine {
  readonly line: Line;
  readonly address: Address;
}

/** Opens lines: connections, or the streams of one HTTP/2 connection. */
export async function openLines(address: Address, count: number): Promise<OpenLine[]> {
  if (address.carrier === 'h2') {
    const lanes = await openHttp2Lanes(address.port, count);
    return lanes.map((line) => ({ line, address }));
  }
  const lines: OpenLine[] = [];
  while (lines.length < count) lines.push(await openLine(address));
  return lines;
}

/** Connects, and opens a session where the dialect has them. */
export async function openLine(address: Address): Promise<OpenLine> {
  const line = await Connection.open(address.port, address.carrier === 'https');
  if (address.dialect === 'stateless') return { line, address };
  const head = await exchange(line, initializeRequest(address));
  const sessionId = /\r\nmcp-session-id: *(\S+)/i.exec(head)?.[1];
  const inSession = { ...address, ...(sessionId !== undefined && { sessionId }) };
  await exchange(line, initializedNotification(inSession));
  return { line, address: inSession };
}

/** Sends one request and resolves with the head of its complete answer. */
function exchange(line: Line, request: HttpRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    line.sink = {
      head: (status, head) => {
        answer = head;
        if (status >= 300) reject(new Error(`refused: ${head}`));
      },
      body() {},
      complete: () => resolve(answer),
    };
    line.send(request);
  });
}
