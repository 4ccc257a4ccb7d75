import { ownValue } from '../../base/json.ts';
import { fetchJson, issuerUnavailable } from './fetch-json.ts';
import { isTrustworthyUrl } from './trustworthy-url.ts';

/** What an issuer says of itself and a resource server needs. */
export interface IssuerMetadata {
  readonly jwksUri: string | undefined;
  readonly introspectionEndpoint: string | undefined;
}

/**
 * Asks an issuer where its keys are and where tokens are introspected.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/authorization-server-discovery
 * @throws {StromError} `ERR_AUTH_UNAVAILABLE` when no document is found, or it is somebody else's
 */
export async function discoverIssuer(issuer: string): Promise<IssuerMetadata> {
  let failure: unknown;
  for (const url of metadataUrls(issuer)) {
    try {
      return await readMetadata(url, issuer);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function readMetadata(url: string, issuer: string): Promise<IssuerMetadata> {
  const document = await fetchJson(url);
  if (ownValue(document, 'issuer') !== issuer) {
    throw issuerUnavailable(url, new Error('the metadata is that of another issuer'));
  }
  return {
    jwksUri: endpoint(ownValue(document, 'jwks_uri')),
    introspectionEndpoint: endpoint(ownValue(document, 'introspection_endpoint')),
  };
}

function endpoint(value: unknown): string | undefined {
  return typeof value === 'string' && isTrustworthyUrl(value) ? value : undefined;
}

/** The well-known places in the order the specification gives. */
function metadataUrls(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
  ];
  return path === ''
    ? inserted
    : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}
