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
