/**
 * URI templates for resources: `{name}` for one path segment, `{+name}` for the rest of a path.
 *
 * Matching takes time in proportion to the URI: each variable ends at the next literal, nothing
 * is ever tried twice. A value that would climb out of its place (`..`, an encoded slash) does not
 * match.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6570
 * @module
 */

interface Variable {
  readonly name: string;
  readonly spansSegments: boolean;
  /** The literal after the variable; empty at the end of the template. */
  readonly until: string;
}

export interface UriTemplate {
  readonly text: string;
  readonly variables: readonly string[];
  /** The values of the variables, or `undefined` when the URI does not match. */
  match(uri: string): Readonly<Record<string, string>> | undefined;
}

const EXPRESSION = /\{(\+?)([A-Za-z_]\w*)\}/g;

/**
 * Compiles a template.
 *
 * @throws {TypeError} when it uses another form of expression, or two variables touch
 */
export function compileUriTemplate(text: string): UriTemplate {
  const hits = [...text.matchAll(EXPRESSION)];
  const prefix = text.slice(0, hits[0]?.index ?? text.length);
  const variables = hits.map((hit, index): Variable => {
    const end = hit.index + hit[0].length;
    const until = text.slice(end, hits[index + 1]?.index ?? text.length);
    if (until === '' && index + 1 < hits.length) {
      throw new TypeError(`URI template "${text}": a literal must stand between variables`);
    }
    return { name: hit[2] ?? '', spansSegments: hit[1] === '+', until };
  });
  const literals = prefix + variables.map((variable) => variable.until).join('');
  if (/[{}]/.test(literals)) {
    throw new TypeError(`URI template "${text}": use only {name} and {+name}`);
  }
  return {
    text,
    variables: variables.map((variable) => variable.name),
    match: (uri) => match(uri, prefix, variables),
  };
}

function match(
  uri: string,
  prefix: string,
  variables: readonly Variable[],
): Readonly<Record<string, string>> | undefined {
  if (!uri.startsWith(prefix)) return undefined;
  const values: [string, string][] = [];
  let position = prefix.length;
  for (const variable of variables) {
    const end = endOf(uri, position, variable);
    if (end === -1) return undefined;
    const value = decoded(uri.slice(position, end), variable.spansSegments);
    if (value === undefined) return undefined;
    values.push([variable.name, value]);
    position = end + variable.until.length;
  }
  return position === uri.length ? Object.fromEntries(values) : undefined;
}

function endOf(uri: string, from: number, variable: Variable): number {
  if (variable.until === '') return uri.length;
  if (!variable.spansSegments) return uri.indexOf(variable.until, from);
  const end = uri.lastIndexOf(variable.until);
  return end < from ? -1 : end;
}

function decoded(raw: string, spansSegments: boolean): string | undefined {
  if (raw === '' || (!spansSegments && /[/?#]/.test(raw))) return undefined;
  let value: string;
  try {
    value = decodeURIComponent(raw);
  } catch {
    // A broken percent escape names nothing.
    return undefined;
  }
  const segments = value.split(/[/\\]/);
  if (segments.includes('..') || value.includes('\0')) return undefined;
  return !spansSegments && segments.length > 1 ? undefined : value;
}
