/** RFC 6749 section 3.3: visible ASCII without quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

function isScope(text: unknown): text is string {
  return typeof text === 'string' && SCOPE.test(text);
}

/**
 * Takes a list of scopes, and none where nothing is set. Anything else could be granted to nobody, and
 * would break the header that tells what is missing.
 *
 * @throws {TypeError} naming the setting and the scope that is none
 */
export function checkScopes(setting: string, scopes: unknown): void {
  if (scopes === undefined) return;
  if (!Array.isArray(scopes)) throw new TypeError(`${setting}: must be a list`);
  const wrong = scopes.findIndex((scope) => !isScope(scope));
  if (wrong === -1) return;
  throw new TypeError(`${setting}: ${JSON.stringify(scopes[wrong])} is no scope`);
}
