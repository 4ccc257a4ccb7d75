import type { Clock, Timer } from '../../base/clock.ts';
import { type JsonObject, ownValue } from '../../base/json.ts';
import type { Principal } from '../../base/principal.ts';
import { invalidToken } from '../../security/bearer-token.ts';
import { Withdrawal } from '../withdrawal.ts';
import { fetchJson } from './fetch-json.ts';
import { type PrincipalRules, tokenPrincipal } from './token-principal.ts';

export interface IntrospectionSettings {
  /** Where the issuer introspects tokens. Default: what its metadata says. */
  endpoint?: string;
  /** The client this server is to the issuer. */
  clientId: string;
  clientSecret: string;
  /**
   * How long an answer counts, in milliseconds: a token that was revoked is refused after that, and
   * what runs with it ends, which is looked at once a second at most. 0 asks for every request. Default
   * 60 000.
   */
  cacheMs?: number;
}

const DEFAULT_CACHE_MS = 60_000;
/** Everything that runs asks for itself, so that no setting lets a server ask without a pause. */
const LEAST_PERIOD_MS = 1_000;

export interface IntrospectorOptions extends PrincipalRules {
  readonly settings: IntrospectionSettings;
  readonly audience: string;
  readonly clock: Clock;
  /** Says where to ask. */
  readonly locate: () => Promise<string>;
}

/**
 * Asks the issuer about each token, and again while something runs with it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662
 */
export class Introspector {
  readonly cacheMs: number;
  readonly #options: IntrospectorOptions;
  readonly #authorization: string;

  constructor(options: IntrospectorOptions) {
    const { clientId, clientSecret, cacheMs = DEFAULT_CACHE_MS } = options.settings;
    this.#options = options;
    this.cacheMs = cacheMs;
    const pair = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }

  /** @throws {StromError} `ERR_INVALID_TOKEN`, `ERR_AUTH_UNAVAILABLE` */
  async principalOf(token: string): Promise<Principal> {
    const principal = await this.#ask(token);
    let timer: Timer | undefined;
    const stop = (): void => {
      timer?.cancel();
      timer = undefined;
    };
    let isAsking = false;
    const askAgain = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      const holds = await this.#stillHolds(token, principal);
      isAsking = false;
      if (holds) return;
      stop();
      withdrawal.withdraw();
    };
    const withdrawal = new Withdrawal(() => {
      timer ??= this.#options.clock.every(Math.max(this.cacheMs, LEAST_PERIOD_MS), () => {
        if (!withdrawal.isHeard) return stop();
        // It never rejects.
        void askAgain();
      });
    });
    return { ...principal, revocation: withdrawal };
  }

  /** Never rejects: an issuer that does not answer takes nothing back. */
  async #stillHolds(token: string, before: Principal): Promise<boolean> {
    try {
      const now = await this.#ask(token);
      return now.id === before.id && sameScopes(now, before);
    } catch (error) {
      return (error as { code?: unknown }).code === 'ERR_AUTH_UNAVAILABLE';
    }
  }

  async #ask(token: string): Promise<Principal> {
    const claims = await fetchJson(await this.#options.locate(), {
      method: 'POST',
      headers: { authorization: this.#authorization },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    this.#check(claims);
    return tokenPrincipal(claims, this.#options);
  }

  #check(claims: JsonObject): void {
    const { issuer, audience, clock, clockToleranceSeconds } = this.#options;
    if (ownValue(claims, 'active') !== true) throw invalidToken('not active');
    if ((ownValue(claims, 'iss') ?? issuer) !== issuer) throw invalidToken('of another issuer');
    const named = [ownValue(claims, 'aud')].flat();
    if (!named.includes(audience)) throw invalidToken('for another audience');
    const type = ownValue(claims, 'token_type');
    if (typeof type === 'string' && type.toLowerCase() !== 'bearer') {
      throw invalidToken('of another type');
    }
    const nowSeconds = clock.now() / 1000;
    const exp = seconds(ownValue(claims, 'exp'));
    if (!(exp + clockToleranceSeconds > nowSeconds)) throw invalidToken('has expired');
    const nbf = seconds(ownValue(claims, 'nbf') ?? 0);
    if (!(nbf - clockToleranceSeconds <= nowSeconds)) throw invalidToken('not valid yet');
  }
}

/** A time; neither before nor after any other where an issuer writes something else. */
function seconds(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function sameScopes({ scopes: now }: Principal, { scopes: before }: Principal): boolean {
  return now?.size === before?.size && [...(now ?? [])].every((scope) => before?.has(scope));
}

/** RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
