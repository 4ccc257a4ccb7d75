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

/** Places in the static table of HPACK, and where the table of the connection begins. */
const METHOD = { GET: 0x82, POST: 0x83 } as const;
const HTTPS = 0x87;
const STATUS_200 = 0x88;
const FIRST_DYNAMIC = 62;
/** How a header is written: by its place, or spelled and then kept. */
const INDEXED = 0x80;
const KEPT = 0x40;
/** The longest text whose length is one byte. */
const MAX_SHORT = 126;

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const rest = bytes.length - MAX_SHORT - 1;
  if (rest >= 128) throw new Error('a header is too long for the bench');
  const length = bytes.length <= MAX_SHORT ? [bytes.length] : [MAX_SHORT + 1, rest];
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** Encodes the requests of one connection; a header is spelled once, as clients do it. */
export class RequestEncoder {
  /** The headers the server knows, by the order in which it came to know them. */
  readonly #places = new Map<string, number>();
  readonly #encoded = new WeakMap<HttpRequest, Buffer>();

  /** A whole request on a stream. */
  encode(request: HttpRequest, stream: number): Buffer {
    const bytes = Buffer.from(this.#encoded.get(request) ?? this.#frames(request));
    bytes.writeUInt32BE(stream, 5);
    bytes.writeUInt32BE(stream, FRAME_HEAD_BYTES + bytes.readUIntBE(0, 3) + 5);
    return bytes;
  }

  #frames(request: HttpRequest): Buffer {
    const knew = this.#places.size;
    const headers = { ':authority': request.authority, ':path': request.path, ...request.headers };
    const payload = Buffer.concat([
      Buffer.from([METHOD[request.method], HTTPS]),
      ...Object.entries(headers).map(([name, value]) => this.#header(name, value)),
    ]);
    const frames = Buffer.concat([
      frame({ type: FRAME.headers, flags: END_HEADERS, payload }),
      frame({ type: FRAME.data, flags: END_STREAM, payload: Buffer.from(request.body) }),
    ]);
    if (this.#places.size === knew) this.#encoded.set(request, frames);
    return frames;
  }

  #header(name: string, value: string): Buffer {
    const key = `${name}\n${value}`;
    const place = this.#places.get(key);
    if (place !== undefined) {
      return Buffer.from([INDEXED | (FIRST_DYNAMIC + this.#places.size - 1 - place)]);
    }
    this.#places.set(key, this.#places.size);
    return Buffer.concat([Buffer.from([KEPT]), text(name), text(value)]);
  }
}

/** Whether a block of headers begins with the status 200, after what it says of its table. */
export function isOk(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && ((bytes[at] ?? 0) & 0xe0) === 0x20) at += 1;
  return bytes[at] === STATUS_200;
}
