/** Texts up to a third of it are measured in one go; longer ones piece by piece. */
const SCRATCH_BYTES = 64 * 1024;

const encoder = new TextEncoder();
const scratch = new Uint8Array(SCRATCH_BYTES);

/** The bytes a text takes in UTF-8; half of a surrogate pair counts as what replaces it. */
export function utf8Length(text: string): number {
  let { read, written: bytes } = encoder.encodeInto(text, scratch);
  while (read < text.length) {
    const piece = encoder.encodeInto(text.slice(read, read + SCRATCH_BYTES), scratch);
    read += piece.read;
    bytes += piece.written;
  }
  return bytes;
}
