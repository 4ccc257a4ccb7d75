import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { ownValue, textOr } from '../../base/json.ts';
import { StromError } from '../../base/strom-error.ts';
import { invalidToken } from '../../security/bearer-token.ts';
import type { IssuerKeys } from './issuer-keys.ts';

export interface JwtRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  readonly clockToleranceSeconds: number;
  readonly keys: IssuerKeys;
  readonly nowMs: number;
}

/**
 * Verifies an access token: signature, issuer, audience, times, and that it is an access token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-4
 * @throws {StromError} `ERR_INVALID_TOKEN`, `ERR_AUTH_UNAVAILABLE`
 */
export async function verifyJwt(token: string, rules: JwtRules): Promise<JWTPayload> {
  const { keys, nowMs } = rules;
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      (header, jws) => keys.find(header, jws),
      {
        issuer: rules.issuer,
        audience: rules.audience,
        algorithms: [...rules.algorithms],
        clockTolerance: rules.clockToleranceSeconds,
        currentDate: new Date(nowMs),
        requiredClaims: ['exp'],
      },
    );
    checkKind(protectedHeader, payload);
    return payload;
  } catch (error) {
    if (error instanceof StromError) throw error;
    // The messages of jose tell the claim or the step, and nothing of the token.
    throw invalidToken(error instanceof errors.JOSEError ? error.message : 'not verifiable');
  }
}

/** Types of header an access token may have; every other JWT was made for something else. */
const ACCESS_TOKEN_TYPES = new Set(['', 'jwt', 'at+jwt']);
/** Claims that only ID tokens, logout tokens and events have. */
const OTHER_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

function checkKind(header: JWTHeaderParameters, payload: JWTPayload): void {
  const type = (header.typ ?? '').toLowerCase().replace(/^application\//, '');
  if (!ACCESS_TOKEN_TYPES.has(type)) throw invalidToken('a JWT of another type');
  const kind = ownValue(payload, 'typ');
  if (kind !== undefined && textOr(kind, '').toLowerCase() !== 'bearer') {
    throw invalidToken('a token of another kind');
  }
  const saysAccess = type === 'at+jwt' || kind !== undefined;
  if (!saysAccess && OTHER_CLAIMS.some((claim) => Object.hasOwn(payload, claim))) {
    throw invalidToken('not an access token');
  }
}
