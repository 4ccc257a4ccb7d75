/** For each broad scope those it includes, such as `{ admin: ['files:read', 'files:write'] }`. */
export type ImpliedScopes = Readonly<Record<string, readonly string[]>>;

/** The scopes a caller was given, with all they include, directly or through others. */
export function scopeSet(
  granted: readonly string[],
  implied: ImpliedScopes = {},
): ReadonlySet<string> {
  const scopes = new Set(granted);
  // A set is walked in order of insertion, so what is added here is looked at as well.
  for (const scope of scopes) {
    const included = Object.hasOwn(implied, scope) ? (implied[scope] ?? []) : [];
    for (const each of included) scopes.add(each);
  }
  return scopes;
}

/** RFC 6749 section 3.3: visible ASCII without quote and backslash. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;

function isScope(text: unknown): text is string {
  return typeof text === 'string' && SCOPE.test(text);
}

/** @throws {TypeError} naming the setting and the scope that is none */
export function checkScopes(setting: string, scopes: readonly unknown[]): void {
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined) throw new TypeError(`${setting}: "${String(wrong)}" is no scope`);
}
