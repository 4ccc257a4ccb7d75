/**
 * Addresses inside an archive.
 *
 * @module
 */
import { posix } from 'node:path';

/**
 * Resolves a reference found in one part against that part, as OPC and EPUB do.
 *
 * @returns the entry name, or `undefined` if the reference leaves the archive
 */
export function resolvePart(from: string, reference: string): string | undefined {
  const [path = ''] = reference.split('#');
  const decoded = decodePart(path);
  if (decoded === undefined || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(decoded)) return undefined;
  const joined = decoded.startsWith('/')
    ? posix.normalize(decoded.slice(1))
    : posix.normalize(posix.join(posix.dirname(from), decoded));
  return joined.startsWith('..') ? undefined : joined;
}

function decodePart(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray percent sign: such a reference points at no entry.
    return undefined;
  }
}
