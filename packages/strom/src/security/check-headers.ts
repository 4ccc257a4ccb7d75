import { Memo } from '../base/memo.ts';
import { publicError, type StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

/**
 * Most headers of a request. Node keeps about a thousand and silently drops the rest, an Origin
 * among them; a request over this bound is refused before any header is believed.
 */
const MAX_HEADERS = 128;

const MAX_HEADER_CHARS = 16 * 1024;

const MAX_KNOWN_NAMES = 256;

/** Headers that decide something; a second one would be dropped or joined, so it is refused. */
const SINGLE = new Set([
  'host',
  'origin',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'last-event-id',
  'x-api-key',
]);

/** The name of a header that decides something, in lower case; empty for all others. */
const decisive = new Memo((sent) => {
  const name = sent.toLowerCase();
  return SINGLE.has(name) || name.startsWith('mcp-') ? name : '';
}, MAX_KNOWN_NAMES);

const NOT_PRINTABLE = /[^\t\x20-\x7e]/;

/** Refuses too many headers, repeated decisive ones, and values outside visible ASCII. */
export function checkHeaders(facts: RequestFacts): StromError | undefined {
  const { rawHeaders } = facts;
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    return publicError('ERR_HEADERS_TOO_MANY', `More than ${MAX_HEADERS} headers`);
  }
  if (isTooLong(rawHeaders)) {
    return publicError('ERR_HEADERS_TOO_MANY', 'More than 16 KiB of headers');
  }
  const seen: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = decisive.of(rawHeaders[index] ?? '');
    if (name === '') continue;
    if (seen.includes(name)) return repeated(name);
    seen.push(name);
    const value = rawHeaders[index + 1] ?? '';
    if (NOT_PRINTABLE.test(value)) return malformed(name);
    // Nothing here undoes another coding, and a proxy that does would see another body.
    if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked') {
      return publicError('ERR_HEADERS_MALFORMED', 'Transfer-Encoding must be chunked');
    }
  }
  return undefined;
}

/** In HTTP/1.1 Node counts; in HTTP/2, whose headers begin with those of its own, four times as much passes. */
function isTooLong(rawHeaders: readonly string[]): boolean {
  if (rawHeaders[0]?.charAt(0) !== ':') return false;
  return rawHeaders.reduce((sum, { length }) => sum + length, 0) > MAX_HEADER_CHARS;
}

function repeated(name: string): StromError {
  const code = name.startsWith('mcp-') ? 'ERR_HEADER_MISMATCH' : 'ERR_HEADERS_MALFORMED';
  return publicError(code, `The header ${name} is sent more than once`);
}

function malformed(name: string): StromError {
  const code = name.startsWith('mcp-') ? 'ERR_HEADER_MISMATCH' : 'ERR_HEADERS_MALFORMED';
  return publicError(code, `The header ${name} holds characters outside visible ASCII`);
}
