/**
 * As much of HTTP/2 as a load generator needs. A client that does all of it takes longer for a call
 * than the servers that are to be measured.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113
 * @module
 */
import type { HttpRequest } from './requests.ts';

export const FRAME_HEAD_BYTES = 9;
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;
/** Also acknowledges settings and pings. */
export const END_STREAM = 1;
export const ACKNOWLEDGED = 1;
const END_HEADERS = 4;
const MAX_WINDOW = 2 ** 31 - 1;
const DEFAULT_WINDOW = 2 ** 16 - 1;
const SETTING = { enablePush: 2, initialWindow: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags?: number;
  /** 0 for the connection. */
  readonly stream?: number;
  readonly payload: Buffer;
}

export function frame({ type, flags = 0, stream = 0, payload }: Frame): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, FRAME_HEAD_BYTES);
  return bytes;
}

function setting(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
}

function windowUpdate(): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(MAX_WINDOW - DEFAULT_WINDOW, 0);
  return bytes;
}

/** What a client says first: it wants no pushes, and never makes a server wait. */
export const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame({
    type: FRAME.settings,
    payload: Buffer.concat([
      setting(SETTING.enablePush, 0),
      setting(SETTING.initialWindow, MAX_WINDOW),
    ]),
  }),
  frame({ type: FRAME.windowUpdate, payload: windowUpdate() }),
]);

/** Places in the static table of HPACK. */
const AUTHORITY = 0x01;
const METHOD = { GET: 0x82, POST: 0x83 } as const;
const PATH = 0x04;
const HTTPS = 0x87;
const STATUS_200 = 0x88;
const LITERAL = 0x00;
/** The longest text whose length is one byte. */
const MAX_SHORT = 126;

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const rest = bytes.length - MAX_SHORT - 1;
  if (rest >= 128) throw new Error('a header is too long for the bench');
  const length = bytes.length <= MAX_SHORT ? [bytes.length] : [MAX_SHORT + 1, rest];
  return Buffer.concat([Buffer.from(length), bytes]);
}

const encoded = new WeakMap<HttpRequest, Buffer>();

/** A whole request as frames of stream 0; what is sent is a copy with the stream's own id. */
function requestFrames(request: HttpRequest): Buffer {
  const block = Buffer.concat([
    Buffer.from([METHOD[request.method], HTTPS, PATH]),
    text(request.path),
    Buffer.from([AUTHORITY]),
    text(request.authority),
    ...Object.entries(request.headers).flatMap(([name, value]) => [
      Buffer.from([LITERAL]),
      text(name),
      text(value),
    ]),
  ]);
  const body = Buffer.from(request.body);
  return Buffer.concat([
    frame({ type: FRAME.headers, flags: END_HEADERS, payload: block }),
    frame({ type: FRAME.data, flags: END_STREAM, payload: body }),
  ]);
}

/** A whole request on a stream. */
export function encodeRequest(request: HttpRequest, stream: number): Buffer {
  let known = encoded.get(request);
  if (known === undefined) {
    known = requestFrames(request);
    encoded.set(request, known);
  }
  const bytes = Buffer.from(known);
  bytes.writeUInt32BE(stream, 5);
  bytes.writeUInt32BE(stream, FRAME_HEAD_BYTES + bytes.readUIntBE(0, 3) + 5);
  return bytes;
}

/** Whether a block of headers begins with the status 200, after what it says of its table. */
export function isOk(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && ((bytes[at] ?? 0) & 0xe0) === 0x20) at += 1;
  return bytes[at] === STATUS_200;
}
