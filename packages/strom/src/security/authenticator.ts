import type { JsonObject } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import type { StromError } from '../base/strom-error.ts';
import type { RequestFacts } from './request-facts.ts';

/**
 * To be awaited before somebody else is asked about credentials that were never found good. Rejects with
 * `ERR_RATE_LIMITED` where too many of those from the same address did not hold.
 */
export type BeforeAsking = () => Promise<void>;

/**
 * One way of proving who a caller is. A server may have several; a request carries credentials of
 * one kind only, and the authenticator that recognises them decides.
 */
export interface Authenticator {
  /** Whether the request carries credentials of this kind, good or bad. Never throws. */
  recognises(facts: RequestFacts): boolean;
  /**
   * Verifies them.
   *
   * @param beforeAsking - for authenticators that ask somebody else, so that nobody can make them ask
   * as often as they like
   * @throws {StromError} `ERR_INVALID_TOKEN` when they do not hold, with one text for all reasons;
   * `ERR_INSUFFICIENT_SCOPE` when they hold but are good for nothing here; `ERR_AUTH_UNAVAILABLE`
   * when that cannot be decided now
   */
  authenticate(facts: RequestFacts, beforeAsking?: BeforeAsking): Principal | Promise<Principal>;
  /**
   * Whose the credentials of a request say they are, as far as that is no secret: the prefix of an API
   * key. Attempts that fail are counted by it.
   */
  claim?(facts: RequestFacts): string | undefined;
  /**
   * The `WWW-Authenticate` value of a refusal.
   *
   * @param scopes - what the operation needs, where the caller lacks some of it
   */
  challenge(error: StromError, scopes: readonly string[]): string;
  /**
   * Tells clients where to get credentials. Served to everybody, so that it must hold no secret.
   *
   * @see https://www.rfc-editor.org/rfc/rfc9728#section-2
   */
  metadata?(): ResourceMetadata;
  /**
   * Makes the authenticator of one server out of one that does not know yet where it serves. Called
   * once, before any request.
   *
   * @param resource - the canonical URI of the endpoint, where `publicUrl` tells it
   * @throws {TypeError} when the URI is needed and nobody has told it
   */
  bind?(resource: string | undefined): Authenticator;
}

export interface ResourceMetadata extends JsonObject {
  /** The canonical URI of the endpoint. */
  resource: string;
}
