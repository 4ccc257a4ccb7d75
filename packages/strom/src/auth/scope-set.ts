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
