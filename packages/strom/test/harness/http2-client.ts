import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { RawRequest } from './raw-http.ts';

/** A connection over HTTP/2, open, that believes every certificate. Its errors are its end. */
export async function openHttp2(
  { origin }: { readonly origin: string },
  settings: Settings = {},
): Promise<ClientHttp2Session & AsyncDisposable> {
  const session = connect(origin, { rejectUnauthorized: false, settings });
  session.on('error', () => undefined);
  await once(session, 'connect');
  return Object.assign(session, { [Symbol.asyncDispose]: async () => session.destroy() });
}

/** The headers of a request without its length, as HTTP/2 writes them. */
export function http2Headers({ method, target, headers = [] }: RawRequest): OutgoingHttpHeaders {
  const lines = headers.map(([name, value]) => [name.toLowerCase(), value]);
  const pseudo = { ':method': method ?? 'POST', ':path': target ?? '/mcp' };
  return { ...pseudo, ...Object.fromEntries(lines) };
}

/** The length of a body, which most clients tell. */
export function lengthHeader({ body = '' }: RawRequest): OutgoingHttpHeaders {
  return body.length === 0 ? {} : { 'content-length': Buffer.byteLength(body) };
}

/** Sends a request on a stream of its own, whose errors are its end. */
export function askHttp2(session: ClientHttp2Session, request: RawRequest): ClientHttp2Stream {
  const stream = session.request({ ...lengthHeader(request), ...http2Headers(request) });
  stream.on('error', () => undefined);
  stream.end(request.body);
  return stream;
}
