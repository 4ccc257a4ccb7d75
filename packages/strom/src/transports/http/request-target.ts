/** What a target in absolute form begins with. */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/**
 * The path of a request target, without the query. In both forms it is taken as it was sent: what one
 * reader resolves and another does not leads past rules about paths.
 */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (path.startsWith('/')) return path;
  return path.replace(ORIGIN, '') || '/';
}

export function queryOf(target: string): URLSearchParams {
  const query = target.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : target.slice(query + 1));
}
