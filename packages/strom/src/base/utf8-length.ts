interface Utf8Host {
  Buffer?: { byteLength(text: string): number };
}

const { Buffer: nodeBuffer } = globalThis as Utf8Host;
const encoder = new TextEncoder();

/** The bytes a text takes in UTF-8; half of a surrogate pair counts as what replaces it. */
export function utf8Length(text: string): number {
  return nodeBuffer?.byteLength(text) ?? encoder.encode(text).length;
}
