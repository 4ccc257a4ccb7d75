import { publicError } from '../base/strom-error.ts';

const MAX_URIS = 1024;
/** What is watched is kept for as long as somebody watches, so that its length is bounded too. */
const MAX_CHARS = 256 * 1024;

/**
 * Checks that one subscription, or one session, may watch these resources.
 *
 * @throws {StromError} `ERR_INVALID_PARAMS` when they are more than 1024, or their URIs together
 * longer than 256 KiB
 */
export function checkWatchedUris(uris: readonly string[]): void {
  if (uris.length > MAX_URIS) {
    throw publicError('ERR_INVALID_PARAMS', `at most ${MAX_URIS} resources can be watched`);
  }
  const chars = uris.reduce((sum, uri) => sum + uri.length, 0);
  if (chars > MAX_CHARS) {
    throw publicError('ERR_INVALID_PARAMS', `watched URIs hold at most ${MAX_CHARS} characters`);
  }
}
