/** Gives targets that are no path a form to read their path from. */
const BASE = 'http://localhost';

/** The path of a request target, without the query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (path.startsWith('/')) return path;
  return URL.canParse(path, BASE) ? new URL(path, BASE).pathname : path;
}

export function queryOf(target: string): URLSearchParams {
  const query = target.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : target.slice(query + 1));
}
