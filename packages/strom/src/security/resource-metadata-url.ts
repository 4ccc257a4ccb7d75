/** Where metadata of a protected resource is found; the path of the resource may follow. */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/**
 * Where the metadata of a resource is found.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-3.1
 */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${RESOURCE_METADATA_PATH}${pathname === '/' ? '' : pathname}`;
}
