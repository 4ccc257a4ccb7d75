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
 * @throws {TypeError} for anything but an http or https URL without user, query and fragment
 */
export function parsePublicUrl(text: string, path: string): PublicUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new TypeError('publicUrl: must hold no user and no password');
  }
  if (url === undefined || !isWeb || url.search !== '' || url.hash !== '') {
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

/**
 * Checks the setting `path`. Requests are compared with it character by character, so it has to be
 * written as clients send it.
 *
 * @throws {TypeError} saying how it should be spelled
 */
export function checkPath(path: unknown): asserts path is string {
  const base = 'http://localhost';
  const url = typeof path === 'string' && path.startsWith('/') ? `${base}${path}` : '';
  const sent = URL.canParse(url) ? new URL(url).pathname : '/mcp';
  if (path !== sent) throw new TypeError(`path: write it as clients send it, such as ${sent}`);
}
