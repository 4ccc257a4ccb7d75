import { ANONYMOUS, type Principal } from '../base/principal.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Authenticator, BeforeAsking, ResourceMetadata } from './authenticator.ts';
import { checkTokenPlace, unrecognised } from './bearer-token.ts';
import type { RequestFacts } from './request-facts.ts';

/** Errors that tell a client to come back with other credentials. */
const CHALLENGED = new Set<string>([
  'ERR_UNAUTHORIZED',
  'ERR_INVALID_TOKEN',
  'ERR_AUTH_MALFORMED',
  'ERR_INSUFFICIENT_SCOPE',
]);

/** Decides who a caller is by the authenticators of a server; without any, everybody is nobody. */
export class Gatekeeper {
  /** Where clients get credentials; `undefined` where no authenticator tells. */
  readonly metadata: ResourceMetadata | undefined;
  readonly #authenticators: readonly Authenticator[];

  /**
   * @param resource - the canonical URI of the endpoint, where it is known
   * @throws {TypeError} when an authenticator needs the URI, or several tell where to sign in
   */
  constructor(authenticators: readonly Authenticator[], resource?: string) {
    const bound = authenticators.map((each) => each.bind?.(resource) ?? each);
    const telling = bound.filter((each) => each.metadata !== undefined);
    if (telling.length > 1) {
      throw new TypeError('auth: only one entry may name issuers; give oauth() all of them');
    }
    // What tells where to sign in comes first in every challenge.
    this.#authenticators = [...telling, ...bound.filter((each) => !telling.includes(each))];
    this.metadata = telling[0]?.metadata?.();
  }

  get isOpen(): boolean {
    return this.#authenticators.length === 0;
  }

  /**
   * @throws {StromError} `ERR_UNAUTHORIZED`, `ERR_INVALID_TOKEN`, `ERR_AUTH_MALFORMED`,
   * `ERR_INSUFFICIENT_SCOPE`, `ERR_AUTH_UNAVAILABLE`
   */
  identify(facts: RequestFacts, beforeAsking?: BeforeAsking): Principal | Promise<Principal> {
    if (this.isOpen) return ANONYMOUS;
    const misplaced = checkTokenPlace(facts);
    if (misplaced !== undefined) throw misplaced;
    let chosen: Authenticator | undefined;
    for (const candidate of this.#authenticators) {
      if (!candidate.recognises(facts)) continue;
      if (chosen !== undefined) {
        throw publicError('ERR_AUTH_MALFORMED', 'The request carries two kinds of credentials');
      }
      chosen = candidate;
    }
    if (chosen === undefined) throw unrecognised(facts);
    return chosen.authenticate(facts, beforeAsking);
  }

  /** Whose the credentials of a request say they are; see {@link Authenticator.claim}. */
  claimOf(facts: RequestFacts): string | undefined {
    for (const each of this.#authenticators) {
      const claim = each.claim?.(facts);
      if (claim !== undefined) return claim;
    }
    return undefined;
  }

  /** The headers that go with a refusal, so that a client knows how to do better. */
  refusalHeaders(error: unknown): Readonly<Record<string, string>> {
    if (!(error instanceof StromError) || !CHALLENGED.has(error.code)) return {};
    const scopes = requiredScopes(error);
    // Naive clients read one challenge of a scheme; the first says the most.
    const byScheme = new Map<string, string>();
    for (const each of this.#authenticators) {
      const challenge = each.challenge(error, scopes);
      const scheme = challenge.split(' ', 1)[0] ?? '';
      if (!byScheme.has(scheme)) byScheme.set(scheme, challenge);
    }
    return byScheme.size === 0 ? {} : { 'www-authenticate': [...byScheme.values()].join(', ') };
  }
}

function requiredScopes(error: StromError): readonly string[] {
  const { requiredScopes: scopes } = (error.data ?? {}) as { requiredScopes?: readonly string[] };
  return scopes ?? [];
}
