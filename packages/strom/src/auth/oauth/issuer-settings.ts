import { checkLimits } from '../../base/check-limits.ts';
import type { IntrospectionSettings } from './introspector.ts';
import { checkTrustworthyUrl } from './trustworthy-url.ts';

/** An authorization server whose tokens count. */
export interface IssuerSettings {
  /** Its identifier, compared character by character with the claim `iss`. */
  issuer: string;
  /** Where its keys are. Default: what its metadata says. */
  jwksUri?: string;
  /**
   * Signatures to accept. Default: RS, PS and ES with 256, 384 and 512 bits, EdDSA and Ed25519. There
   * is no way to accept `none` or shared secrets.
   */
  algorithms?: readonly string[];
  /** Ask the issuer about each token instead of verifying its signature here. Default: do not. */
  introspection?: IntrospectionSettings;
}

const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

const KNOWN = new Set<string>(ALGORITHMS);

export interface CheckedIssuer extends IssuerSettings {
  readonly algorithms: readonly string[];
}

/** @throws {TypeError} naming the setting that cannot hold */
export function checkIssuers(issuers: readonly IssuerSettings[]): readonly CheckedIssuer[] {
  if (issuers.length === 0) throw new TypeError('issuers: name at least one');
  const names = new Set(issuers.map(({ issuer }) => issuer));
  if (names.size !== issuers.length) throw new TypeError('issuers: one is there twice');
  if (issuers.filter(({ introspection }) => introspection !== undefined).length > 1) {
    throw new TypeError('introspection: only one issuer can be asked about tokens that name none');
  }
  return issuers.map(checkIssuer);
}

function checkIntrospection(settings: IntrospectionSettings): void {
  checkLimits(settings, ['cacheMs']);
  for (const setting of ['clientId', 'clientSecret'] as const) {
    const value: unknown = settings[setting];
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`introspection.${setting}: must be a text`);
    }
  }
  if (settings.endpoint !== undefined) {
    checkTrustworthyUrl('introspection.endpoint', settings.endpoint);
  }
}

function checkIssuer(settings: IssuerSettings): CheckedIssuer {
  const { issuer, jwksUri, algorithms = ALGORITHMS, introspection } = settings;
  checkTrustworthyUrl('issuer', issuer);
  if (new URL(issuer).search !== '') throw new TypeError('issuer: must have no query');
  if (jwksUri !== undefined) checkTrustworthyUrl('jwksUri', jwksUri);
  if (introspection !== undefined) checkIntrospection(introspection);
  const unknown = algorithms.find((algorithm) => !KNOWN.has(algorithm));
  if (unknown !== undefined || algorithms.length === 0) {
    throw new TypeError(`algorithms: ${unknown ?? 'none'} cannot be accepted`);
  }
  return { ...settings, algorithms };
}
