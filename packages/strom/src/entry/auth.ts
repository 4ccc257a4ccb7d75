/**
 * `strom/auth`: who may call a server. API keys, and access tokens of OAuth 2.1.
 *
 * @module
 */

export {
  type ApiKeyRecord,
  createApiKey,
  type NewApiKey,
} from '../auth/keys/api-key.ts';
export {
  type ApiKeyFileOptions,
  type ApiKeyListOptions,
  type ApiKeyOptions,
  apiKeys,
} from '../auth/keys/api-keys.ts';
export type { IntrospectionSettings } from '../auth/oauth/introspector.ts';
export type { IssuerSettings } from '../auth/oauth/issuer-settings.ts';
export { type OAuthOptions, oauth } from '../auth/oauth/oauth.ts';
export type { ImpliedScopes } from '../auth/scope-set.ts';
export type { Principal, Revocation } from '../base/principal.ts';
export type { Authenticator, ResourceMetadata } from '../security/authenticator.ts';
export type { RequestFacts } from '../security/request-facts.ts';
