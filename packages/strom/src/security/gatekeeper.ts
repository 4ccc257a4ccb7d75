import { ANONYMOUS, type Principal } from '../base/principal.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Authenticator } from './authenticator.ts';
import type { RequestFacts } from './request-facts.ts';

/** Decides who a caller is by the authenticators of a server; without any, everybody is nobody. */
export class Gatekeeper {
  readonly #authenticators: readonly Authenticator[];

  constructor(authenticators: readonly Authenticator[]) {
    this.#authenticators = authenticators;
  }

  get isOpen(): boolean {
    return this.#authenticators.length === 0;
  }

  /** @throws {StromError} `ERR_UNAUTHORIZED`, `ERR_AUTH_UNAVAILABLE` */
  identify(facts: RequestFacts): Principal | Promise<Principal> {
    if (this.isOpen) return ANONYMOUS;
    const authenticator = this.#authenticators.find((candidate) => candidate.recognises(facts));
    if (authenticator !== undefined) return authenticator.authenticate(facts);
    throw publicError('ERR_UNAUTHORIZED', 'Authentication is required');
  }

  /** The headers that go with a refusal, so that a client knows how to do better. */
  refusalHeaders(error: unknown): Readonly<Record<string, string>> {
    if (!(error instanceof StromError)) return {};
    if (error.code !== 'ERR_UNAUTHORIZED' && error.code !== 'ERR_INSUFFICIENT_SCOPE') return {};
    const scopes = requiredScopes(error);
    const challenges = this.#authenticators.map((each) => each.challenge(error, scopes));
    return challenges.length === 0 ? {} : { 'www-authenticate': challenges.join(', ') };
  }
}

function requiredScopes(error: StromError): readonly string[] {
  const { requiredScopes: scopes } = (error.data ?? {}) as { requiredScopes?: readonly string[] };
  return scopes ?? [];
}
