/** Where the world reaches a server, which may be behind a proxy that speaks for it. */
export interface PublicUrl {
  /** As browsers and clients send it in `Host`. */
  readonly host: string;
  readonly origin: string;
  readonly isEncrypted: boolean;
  /** The canonical URI of the MCP endpoint. */
  readonly resource: string;
}

/**
 * Reads the setting `publicUrl`. An origin alone stands for the endpoint at its path.
 *
 * @param path - where the server has its endpoint
 * @throws {TypeError} for anything but an http or https URL without query and fragment
 */
export function parsePublicUrl(text: string, path: string): PublicUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url === undefined || !isWeb || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`publicUrl: "${text}" is no URL of an endpoint`);
  }
  const { host, origin, pathname } = url;
  const endpoint = pathname === '/' ? path : pathname.replace(/\/+$/, '');
  const isEncrypted = url.protocol === 'https:';
  return {
    host,
    origin,
    isEncrypted,
    resource: endpoint === '/' ? origin : `${origin}${endpoint}`,
  };
}
