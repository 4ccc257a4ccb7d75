import { isLoopbackName } from '../../security/host.ts';

/** Whether what is said there is read by nobody else: HTTPS, or HTTP that stays on this machine. */
export function isTrustworthyUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') {
    return false;
  }
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackName(url.hostname));
}

/** @throws {TypeError} naming the setting */
export function checkTrustworthyUrl(setting: string, text: unknown): void {
  if (typeof text === 'string' && isTrustworthyUrl(text)) return;
  throw new TypeError(`${setting}: must be an https URL (http only on loopback), without fragment`);
}

/**
 * Checks the URI tokens are issued for, which is compared character by character.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization#canonical-server-uri
 * @throws {TypeError} saying how it should be spelled
 */
export function checkAudience(audience: unknown): asserts audience is string {
  checkTrustworthyUrl('audience', audience);
  const { origin, pathname, search } = new URL(audience as string);
  const canonical = pathname === '/' ? origin : `${origin}${pathname}`;
  if (search !== '' || (audience !== canonical && audience !== `${origin}/`)) {
    throw new TypeError(`audience: write the canonical URI, ${canonical}`);
  }
}
