import { missingScopes, type Principal } from '../base/principal.ts';
import { publicError } from '../base/strom-error.ts';

export interface Scoped {
  readonly scopes: readonly string[] | undefined;
}

/** Whether a caller may know of something. */
export function isVisibleTo(item: Scoped, principal: Principal): boolean {
  return missingScopes(principal, item.scopes).length === 0;
}

/**
 * Checks that a caller may use something.
 *
 * @throws {StromError} `ERR_INSUFFICIENT_SCOPE` naming everything that is needed for it, so that one
 * more sign-in is enough
 */
export function requireScopes(item: Scoped, principal: Principal): void {
  if (isVisibleTo(item, principal)) return;
  throw publicError('ERR_INSUFFICIENT_SCOPE', 'The caller is not allowed to do this', {
    requiredScopes: item.scopes,
  });
}
