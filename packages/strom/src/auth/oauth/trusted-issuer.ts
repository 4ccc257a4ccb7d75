import type { Clock } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import type { ImpliedScopes } from '../scope-set.ts';
import { CooledJob } from './cooled-job.ts';
import { issuerUnavailable } from './fetch-json.ts';
import { Introspector } from './introspector.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { discoverIssuer, type IssuerMetadata } from './issuer-metadata.ts';
import type { CheckedIssuer } from './issuer-settings.ts';
import type { Validity } from './token-cache.ts';
import { tokenPrincipal } from './token-principal.ts';
import { verifyJwt } from './verify-jwt.ts';

/** What the tokens of all issuers of a server have in common. */
export interface TokenRules {
  readonly audience: string;
  readonly clockToleranceSeconds: number;
  readonly impliedScopes: ImpliedScopes | undefined;
  readonly clock: Clock;
}

export interface VerifiedToken {
  readonly principal: Principal;
  /** When the verdict may be remembered, in milliseconds since the epoch. */
  readonly validity: Validity;
}

const DISCOVERY_COOL_DOWN_MS = 30_000;
/** A verdict is looked at again, so that a key that was withdrawn stops counting. */
const JWT_VERDICT_MS = 5 * 60_000;

/** One authorization server, with its own keys: no other one's count for its tokens. */
export class TrustedIssuer {
  readonly #settings: CheckedIssuer;
  readonly #rules: TokenRules;
  readonly #keys: IssuerKeys;
  readonly #introspector: Introspector | undefined;
  readonly #discovery: CooledJob<IssuerMetadata>;
  #introspectionEndpoint: string | undefined;

  constructor(settings: CheckedIssuer, rules: TokenRules) {
    const { issuer, introspection } = settings;
    this.#settings = settings;
    this.#rules = rules;
    this.#introspectionEndpoint = introspection?.endpoint;
    const { clock } = rules;
    this.#discovery = new CooledJob(() => discoverIssuer(issuer), clock, DISCOVERY_COOL_DOWN_MS);
    this.#keys = new IssuerKeys(() => this.#locateKeys(), clock);
    if (introspection !== undefined) {
      const locate = (): Promise<string> => this.#locateIntrospection();
      this.#introspector = new Introspector({ ...rules, issuer, settings: introspection, locate });
    }
  }

  /** Whether it has to be asked about each token. */
  get isAsked(): boolean {
    return this.#introspector !== undefined;
  }

  /** @throws {StromError} `ERR_INVALID_TOKEN`, `ERR_AUTH_UNAVAILABLE` */
  async verify(token: string): Promise<VerifiedToken> {
    const { clock } = this.#rules;
    const principal =
      this.#introspector === undefined
        ? await this.#verifyJwt(token)
        : await this.#introspector.principalOf(token);
    const verdictMs = this.#introspector?.cacheMs ?? JWT_VERDICT_MS;
    const sinceMs = clock.now();
    const untilMs = Math.min(principal.expiresAtMs ?? 0, sinceMs + verdictMs);
    return { principal, validity: { sinceMs, untilMs } };
  }

  async #verifyJwt(token: string): Promise<Principal> {
    const { issuer, algorithms } = this.#settings;
    const { clock, ...rules } = this.#rules;
    const claims = await verifyJwt(token, {
      ...rules,
      issuer,
      algorithms,
      keys: this.#keys,
      nowMs: clock.now(),
    });
    return tokenPrincipal(claims, { ...rules, issuer });
  }

  /** The keys have a cool-down of their own, which bounds this as well. */
  async #locateKeys(): Promise<string> {
    const { issuer, jwksUri } = this.#settings;
    const found = jwksUri ?? (await discoverIssuer(issuer)).jwksUri;
    if (found === undefined) throw issuerUnavailable(issuer, new Error('it names no jwks_uri'));
    return found;
  }

  async #locateIntrospection(): Promise<string> {
    const { issuer } = this.#settings;
    if (this.#introspectionEndpoint === undefined) {
      if (!this.#discovery.isDue) throw this.#discovery.failure;
      const { introspectionEndpoint } = await this.#discovery.run();
      this.#introspectionEndpoint = introspectionEndpoint;
    }
    if (this.#introspectionEndpoint !== undefined) return this.#introspectionEndpoint;
    throw issuerUnavailable(issuer, new Error('it names no introspection_endpoint'));
  }
}
