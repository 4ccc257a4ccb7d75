/**
 * Containment of one path in another.
 *
 * @module
 */
import { sep } from 'node:path';

/** Tells whether `path` is `folder` or lies below it; both must be real paths. */
export function isInside(folder: string, path: string): boolean {
  // With the separator, or /srv/docs-evil would pass for a part of /srv/docs.
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  return path === folder || path.startsWith(prefix);
}
