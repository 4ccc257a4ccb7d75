import type { ErrorTraits } from '../../../src/base/error-codes.ts';

type Registry = Readonly<Record<string, ErrorTraits>>;

const ROW = /^\| `(ERR_[A-Z_]+)` \| (\d{3}) \| (-\d+) \| (yes|no) \| .+ \| .+ \|$/;

/** Differences between the registry of errors and the table of their documentation, both ways. */
export function errorTableDifferences(registry: Registry, markdown: string): readonly string[] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `ERR_'));
  const told = new Map<string, string>();
  const found: string[] = [];
  for (const row of rows) {
    const [, code = '', http, rpc, retryable] = ROW.exec(row) ?? [];
    if (code === '') found.push(`not a row of the table: ${row}`);
    else if (told.has(code)) found.push(`${code} is documented twice`);
    else if (!Object.hasOwn(registry, code)) found.push(`${code} is documented but does not exist`);
    told.set(code, `${http} ${rpc} ${retryable}`);
  }
  for (const [code, traits] of Object.entries(registry)) {
    const real = `${traits.http} ${traits.rpc} ${traits.retryable ? 'yes' : 'no'}`;
    const documented = told.get(code);
    if (documented === undefined) found.push(`${code} is not documented`);
    else if (documented !== real) found.push(`${code} is ${real}, documented as ${documented}`);
  }
  return found;
}
