import type { Principal } from '../base/principal.ts';
import type { StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

/**
 * One way of proving who a caller is. A server may have several: the first one that recognises the
 * credentials of a request decides.
 */
export interface Authenticator {
  /** Whether the request carries credentials of this kind, good or bad. */
  recognises(facts: RequestFacts): boolean;
  /**
   * Verifies them.
   *
   * @throws {StromError} `ERR_UNAUTHORIZED` when they do not hold, with one text for all reasons;
   * `ERR_AUTH_UNAVAILABLE` when that cannot be decided now
   */
  authenticate(facts: RequestFacts): Principal | Promise<Principal>;
  /**
   * The `WWW-Authenticate` value of a refusal.
   *
   * @param scopes - what the operation needs, where the caller lacks some of it
   */
  challenge(error: StromError, scopes: readonly string[]): string;
}
