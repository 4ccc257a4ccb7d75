/**
 * Text in HTTP header values: plain where it is safe, `=?base64?…?=` where it is not.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#value-encoding
 * @module
 */

const PREFIX = '=?base64?';
const SUFFIX = '?=';
const SAFE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isSentinel(value: string): boolean {
  return (
    value.length >= PREFIX.length + SUFFIX.length &&
    value.startsWith(PREFIX) &&
    value.endsWith(SUFFIX)
  );
}

/** The header form of a text; the empty string stays empty. */
export function encodeHeaderValue(text: string): string {
  if (text === '' || (SAFE.test(text) && !isSentinel(text))) return text;
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return PREFIX + btoa(binary) + SUFFIX;
}

/**
 * The text a header value stands for; `undefined` when it claims to be Base64 and is not exactly
 * that: canonical, padded, valid UTF-8.
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (!isSentinel(value)) return value;
  const encoded = value.slice(PREFIX.length, -SUFFIX.length);
  if (!BASE64.test(encoded)) return undefined;
  const binary = atob(encoded);
  if (btoa(binary) !== encoded) return undefined;
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: no text has this form, so the header is malformed.
    return undefined;
  }
}
