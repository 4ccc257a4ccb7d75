import { type JsonObject, ownValue } from '../../base/json.ts';
import type { Principal } from '../../base/principal.ts';
import { invalidToken } from '../../security/bearer-token.ts';
import { principalId } from '../principal-id.ts';
import { type ImpliedScopes, scopeSet } from '../scope-set.ts';

/** The last one a date can tell; JSON may write a number that is infinite. */
const LAST_SECOND = 8.64e12;
const HALF_CHARACTER = /\p{Surrogate}/u;

export interface PrincipalRules {
  readonly issuer: string;
  readonly clockToleranceSeconds: number;
  readonly impliedScopes: ImpliedScopes | undefined;
}

/**
 * The caller that verified claims speak of.
 *
 * @throws {StromError} `ERR_INVALID_TOKEN` for claims that name nobody, do not end, or are bound to a
 * key that a bearer does not prove to have
 */
export function tokenPrincipal(claims: JsonObject, rules: PrincipalRules): Principal {
  const exp = ownValue(claims, 'exp');
  if (typeof exp !== 'number' || !(exp <= LAST_SECOND)) throw invalidToken('without an end');
  if (ownValue(claims, 'cnf') !== undefined) throw invalidToken('bound to a key of the client');
  const subject = ownValue(claims, 'sub');
  // In its place the client would stand for all of its users.
  if (subject !== undefined && typeof subject !== 'string') throw invalidToken('for no subject');
  const client = ownValue(claims, 'client_id');
  const [kind, name] = typeof subject === 'string' ? ['sub', subject] : ['client', client];
  if (typeof name !== 'string' || name === '') throw invalidToken('without a subject');
  // The hash of an id reads all halves of characters as one and the same, and callers with them.
  if (HALF_CHARACTER.test(name)) throw invalidToken('for a subject that is no text');
  return {
    id: principalId('oauth', rules.issuer, String(kind), name),
    kind: 'oauth',
    name,
    scopes: scopeSet(scopesOf(claims), rules.impliedScopes),
    // Until then the token is accepted, so until then what it began may go on.
    expiresAtMs: (exp + rules.clockToleranceSeconds) * 1000,
  };
}

/** `scope` is a text by RFC 9068; `scp`, and lists, are what some issuers write. */
function scopesOf(claims: JsonObject): readonly string[] {
  return ['scope', 'scp'].flatMap((claim) => {
    const value = ownValue(claims, claim);
    if (typeof value === 'string') return value.split(' ').filter((scope) => scope !== '');
    return Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : [];
  });
}
