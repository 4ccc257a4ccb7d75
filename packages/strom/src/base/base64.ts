interface Base64Host {
  Buffer?: { from(bytes: Uint8Array): { toString(encoding: 'base64'): string } };
}

const CHUNK_BYTES = 0x8000;

/** Standard Base64 of bytes; uses the host's native encoder where there is one. */
export function toBase64(bytes: Uint8Array): string {
  const { Buffer } = globalThis as Base64Host;
  if (Buffer !== undefined) return Buffer.from(bytes).toString('base64');
  let binary = '';
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK_BYTES));
  }
  return btoa(binary);
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

/** Base64 for URLs and headers, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes of a canonical Base64URL text; `undefined` for anything else. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!BASE64URL.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : undefined;
}
