/**
 * The server as an OAuth 2.1 resource server: it verifies access tokens that others issued, and tells
 * clients who that is.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization
 * @module
 */
import { decodeJwt } from 'jose';
import { checkLimits } from '../../base/check-limits.ts';
import { checkScopes } from '../../base/check-scopes.ts';
import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import { missingScopes, type Principal } from '../../base/principal.ts';
import { publicError, StromError } from '../../base/strom-error.ts';
import type {
  Authenticator,
  BeforeAsking,
  ResourceMetadata,
} from '../../security/authenticator.ts';
import { bearerToken, checkTokenForm, invalidToken } from '../../security/bearer-token.ts';
import type { RequestFacts } from '../../security/request-facts.ts';
import { resourceMetadataUrl } from '../../security/resource-metadata-url.ts';
import { bearerChallenge } from '../bearer-challenge.ts';
import { KEY_PREFIX } from '../keys/api-key.ts';
import type { ImpliedScopes } from '../scope-set.ts';
import { sha256 } from '../sha256.ts';
import { type CheckedIssuer, checkIssuers, type IssuerSettings } from './issuer-settings.ts';
import { TokenCache } from './token-cache.ts';
import { TrustedIssuer } from './trusted-issuer.ts';
import { checkAudience } from './trustworthy-url.ts';

interface CommonOptions {
  /**
   * The canonical URI of the MCP endpoint, such as `https://mcp.example.com/mcp`. Tokens must be
   * issued for exactly this. Default: made of `publicUrl` of the server; one of the two is needed.
   */
  audience?: string;
  /** Scopes without which a token is good for nothing here. Default: none. */
  requiredScopes?: readonly string[];
  /** Scopes to advertise as what basic use needs. Default: `requiredScopes`. */
  scopesSupported?: readonly string[];
  /** Scopes that include others, such as `{ admin: ['files:read'] }`. Default: none do. */
  impliedScopes?: ImpliedScopes;
  /** How far the clocks of issuer and server may be apart, in seconds; at most 60. Default 30. */
  clockToleranceSeconds?: number;
  /** Time, for tests. Default: the host's. */
  clock?: Clock;
}

/** One issuer, or several; each has its own keys and is believed for its own tokens only. */
export type OAuthOptions = CommonOptions &
  (IssuerSettings | { issuers: readonly IssuerSettings[] });

const DEFAULT_TOLERANCE_SECONDS = 30;
const MAX_TOLERANCE_SECONDS = 60;
/** Each takes a connection to the issuer, and as long as that takes to answer. */
const MAX_ASKED = 128;
/** Refresh tokens are between client and issuer, and no business of a resource. */
const NOT_OURS = 'offline_access';

/**
 * Lets callers in by access tokens of the issuers named here.
 *
 * @throws {TypeError} naming the setting that cannot hold
 * @example
 * ```ts
 * await strom.run({
 *   auth: [oauth({ issuer: 'https://id.example.com', audience: 'https://mcp.example.com/mcp' })],
 * });
 * ```
 */
export function oauth(options: OAuthOptions): Authenticator {
  const { clockToleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = options;
  checkLimits(options, ['clockToleranceSeconds']);
  if (clockToleranceSeconds > MAX_TOLERANCE_SECONDS) {
    throw new TypeError(`clockToleranceSeconds: must be 0 to ${MAX_TOLERANCE_SECONDS}`);
  }
  for (const setting of ['requiredScopes', 'scopesSupported'] as const) {
    checkScopes(setting, options[setting]);
    if (options[setting]?.includes(NOT_OURS)) throw new TypeError(`${setting}: ${NOT_OURS}`);
  }
  const issuers = checkIssuers('issuers' in options ? options.issuers : [options]);
  if (options.audience !== undefined) checkAudience(options.audience);
  return new UnboundOAuth({ ...options, clockToleranceSeconds }, issuers);
}

type Settings = OAuthOptions & { readonly clockToleranceSeconds: number };

/** Knows everything but, perhaps, where it serves. */
class UnboundOAuth implements Authenticator {
  readonly #settings: Settings;
  readonly #issuers: readonly CheckedIssuer[];

  constructor(settings: Settings, issuers: readonly CheckedIssuer[]) {
    this.#settings = settings;
    this.#issuers = issuers;
  }

  bind(resource: string | undefined): Authenticator {
    const audience = this.#settings.audience ?? resource;
    if (audience === undefined) {
      throw new TypeError(
        'oauth: say who tokens are for, by audience or by publicUrl of the server',
      );
    }
    return new OAuth(this.#settings, this.#issuers, audience);
  }

  recognises(): boolean {
    return false;
  }

  authenticate(): never {
    throw new TypeError('oauth: bind() it first');
  }

  challenge(): never {
    throw new TypeError('oauth: bind() it first');
  }
}

class OAuth implements Authenticator {
  readonly #settings: Settings;
  readonly #audience: string;
  readonly #clock: Clock;
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>;
  /** Who is asked about tokens that do not say whose they are. */
  readonly #opaqueIssuer: TrustedIssuer | undefined;
  readonly #cache = new TokenCache();
  readonly #pending = new Map<string, Promise<Principal>>();
  /** Tokens nobody has heard of that an issuer is being asked about. */
  #asked = 0;

  constructor(settings: Settings, issuers: readonly CheckedIssuer[], audience: string) {
    const { clock = SYSTEM_CLOCK, clockToleranceSeconds, impliedScopes } = settings;
    const rules = { audience, clock, clockToleranceSeconds, impliedScopes };
    this.#settings = settings;
    this.#audience = audience;
    this.#clock = clock;
    this.#issuers = new Map(
      issuers.map((issuer) => [issuer.issuer, new TrustedIssuer(issuer, rules)]),
    );
    const asked = issuers.find(({ introspection }) => introspection !== undefined);
    this.#opaqueIssuer = asked && this.#issuers.get(asked.issuer);
  }

  recognises(facts: RequestFacts): boolean {
    return bearerToken(facts)?.startsWith(KEY_PREFIX) === false;
  }

  authenticate(facts: RequestFacts, beforeAsking?: BeforeAsking): Principal | Promise<Principal> {
    const token = bearerToken(facts) ?? '';
    const digest = sha256(token);
    const known = this.#cache.get(digest, this.#clock.now());
    if (known !== undefined) return this.#admit(known);
    checkTokenForm(token);
    return this.#verifyNew(token, digest, beforeAsking);
  }

  async #verifyNew(
    token: string,
    digest: string,
    beforeAsking: BeforeAsking | undefined,
  ): Promise<Principal> {
    // Whoever has a token that was good is not to suffer from what others at the same address do.
    const isUnheardOf = this.#issuerOf(token).isAsked && !this.#cache.wasGood(digest);
    if (isUnheardOf) await beforeAsking?.();
    // For those who wait for a verdict together the issuer is asked once.
    const isAskedFor = isUnheardOf && !this.#pending.has(digest);
    if (!isAskedFor) return this.#admit(await this.#verifyOnce(token, digest));
    if (this.#asked >= MAX_ASKED) throw tooManyAsked();
    this.#asked += 1;
    try {
      return this.#admit(await this.#verifyOnce(token, digest));
    } finally {
      this.#asked -= 1;
    }
  }

  challenge(error: StromError, scopes: readonly string[]): string {
    return bearerChallenge(error, {
      scopes: [...new Set([...(this.#settings.requiredScopes ?? []), ...scopes])],
      resourceMetadata: resourceMetadataUrl(this.#audience),
    });
  }

  metadata(): ResourceMetadata {
    const { requiredScopes = [], scopesSupported = requiredScopes } = this.#settings;
    return {
      resource: this.#audience,
      authorization_servers: [...this.#issuers.keys()],
      bearer_methods_supported: ['header'],
      ...(scopesSupported.length > 0 && { scopes_supported: scopesSupported }),
    };
  }

  #admit(principal: Principal): Principal {
    const { requiredScopes } = this.#settings;
    if (missingScopes(principal, requiredScopes).length === 0) return principal;
    throw publicError('ERR_INSUFFICIENT_SCOPE', 'The token lacks a scope that is needed here', {
      requiredScopes,
    });
  }

  /** Requests that come with a new token at the same time wait for one verdict. */
  #verifyOnce(token: string, digest: string): Promise<Principal> {
    const pending = this.#pending.get(digest);
    if (pending !== undefined) return pending;
    const verdict = this.#verify(token, digest).finally(() => this.#pending.delete(digest));
    this.#pending.set(digest, verdict);
    return verdict;
  }

  async #verify(token: string, digest: string): Promise<Principal> {
    try {
      const { principal, validity } = await this.#issuerOf(token).verify(token);
      this.#cache.set(digest, principal, validity);
      return principal;
    } catch (error) {
      if (isInvalid(error)) this.#cache.delete(digest);
      throw error;
    }
  }

  #issuerOf(token: string): TrustedIssuer {
    const name = claimedIssuer(token);
    const issuer = name === undefined ? this.#opaqueIssuer : this.#issuers.get(name);
    if (issuer === undefined) throw invalidToken('of no issuer that is trusted');
    return issuer;
  }
}

function tooManyAsked(): StromError {
  return publicError('ERR_AUTH_UNAVAILABLE', 'Too many new credentials are being checked');
}

function isInvalid(error: unknown): boolean {
  return error instanceof StromError && error.code === 'ERR_INVALID_TOKEN';
}

/** What a token says of its issuer, unverified; `undefined` for a token that nobody can read. */
function claimedIssuer(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    // No JWT: only its issuer knows what it means.
    return undefined;
  }
}
