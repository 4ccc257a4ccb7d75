import type { StromError } from '../base/strom-error.ts';

/** What RFC 6750 calls the reasons for which a client is sent back. */
const ERRORS: Readonly<Record<string, string>> = {
  ERR_AUTH_MALFORMED: 'invalid_request',
  ERR_INVALID_TOKEN: 'invalid_token',
  ERR_INSUFFICIENT_SCOPE: 'insufficient_scope',
};

export interface ChallengeParts {
  readonly realm?: string;
  readonly resourceMetadata?: string;
  readonly scopes?: readonly string[];
}

/**
 * A `WWW-Authenticate` value of the scheme Bearer. A request that came without credentials is told no
 * error.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#error-handling
 */
export function bearerChallenge(error: StromError, parts: ChallengeParts): string {
  const { realm, resourceMetadata, scopes = [] } = parts;
  const reason = ERRORS[error.code];
  const fields = [
    realm === undefined ? '' : `realm="${realm}"`,
    reason === undefined ? '' : `error="${reason}"`,
    reason === undefined ? '' : `error_description="${quotable(error.publicMessage)}"`,
    scopes.length === 0 ? '' : `scope="${scopes.join(' ')}"`,
    resourceMetadata === undefined ? '' : `resource_metadata="${resourceMetadata}"`,
  ];
  return `Bearer ${fields.filter((field) => field !== '').join(', ')}`;
}

/** Visible ASCII that needs no escape in a quoted string. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '');
}
