import { publicError, type StromError } from '../../base/strom-error.ts';

/** Methods of HTTP, as the header `Allow` lists them. */
export type Allowed = 'GET' | 'POST' | 'GET, HEAD' | 'GET, POST' | 'GET, POST, DELETE';

/**
 * Why a method is refused; the answer says in `Allow` which ones are taken.
 *
 * @param why - where there is more to say than which methods there are
 */
export function methodNotAllowed(allow: Allowed, why = `Use ${allow}`): StromError {
  return publicError('ERR_HTTP_METHOD', why, { allow });
}

/**
 * Takes what only shows something.
 *
 * @throws {StromError} `ERR_HTTP_METHOD`
 */
export function checkOnlyReads(method: string): void {
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed('GET, HEAD');
}
