import { publicError, StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

/** As nearly everybody spells it. */
const SCHEME = 'Bearer ';
/** Longer than any token in use; what is longer is read by nobody. */
const MAX_TOKEN_CHARS = 8192;
const TOKEN = /^[\w\-.~+/]+=*$/;

/**
 * What follows `Authorization: Bearer`, unchecked; `undefined` for other schemes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerToken(facts: RequestFacts): string | undefined {
  const value = facts.header('authorization');
  if (value === undefined || !isBearer(value)) return undefined;
  // One character more than allowed is enough to refuse the rest unread.
  return value.slice(SCHEME.length, SCHEME.length + MAX_TOKEN_CHARS + 1).trimStart();
}

/**
 * Refuses what has not the form of a token. A token that is known needs no check of its form.
 *
 * @throws {StromError} `ERR_AUTH_MALFORMED`, `ERR_INVALID_TOKEN`
 */
export function checkTokenForm(token: string): void {
  if (token.length > MAX_TOKEN_CHARS) throw invalidToken('far too long');
  if (!TOKEN.test(token)) {
    throw publicError('ERR_AUTH_MALFORMED', 'Authorization holds no Bearer token');
  }
}

/**
 * Refuses a request that carries a token where it does not belong: in the query, where logs, caches
 * and histories keep it.
 */
export function checkTokenPlace({ target }: RequestFacts): StromError | undefined {
  const query = target.indexOf('?');
  if (query === -1 || !new URLSearchParams(target.slice(query + 1)).has('access_token')) {
    return undefined;
  }
  return publicError('ERR_AUTH_MALFORMED', 'A token belongs into the header Authorization');
}

/** Why the credentials of a request that nobody recognises are no good. */
export function unrecognised(facts: RequestFacts): StromError {
  const value = facts.header('authorization');
  if (value === undefined || !/^bearer(\s|$)/i.test(value)) {
    return publicError('ERR_UNAUTHORIZED', 'Authentication is required');
  }
  try {
    checkTokenForm(bearerToken(facts) ?? '');
    return invalidToken('nobody here knows such a token');
  } catch (error) {
    return error as StromError;
  }
}

/**
 * Refuses credentials. The caller reads one text whatever the reason; which check failed is for the
 * log.
 *
 * @param reason - without any part of the token
 */
export function invalidToken(reason: string): StromError {
  const publicMessage = 'The credentials are not valid here';
  return new StromError('ERR_INVALID_TOKEN', `credentials refused: ${reason}`, { publicMessage });
}

function isBearer(value: string): boolean {
  if (value.startsWith(SCHEME)) return true;
  return value.slice(0, SCHEME.length).toLowerCase() === SCHEME.toLowerCase();
}
