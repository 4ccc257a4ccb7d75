import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../src/base/error-codes.ts';
import { errorTableDifferences } from './rules/error-table.ts';
import { REPOSITORY } from './rules/sources.ts';

const registry = { ERR_DEMO: { http: 400, rpc: -32602, retryable: false } };
const row = '| `ERR_DEMO` | 400 | -32602 | no | Something is wrong. | Change it. |';

describe('the registry of errors', () => {
  it('equals the table in docs/errors.md', () => {
    const markdown = readFileSync(path.join(REPOSITORY, 'docs/errors.md'), 'utf8');
    expect(errorTableDifferences(ERROR_CODES, markdown)).toEqual([]);
  });

  it.each([
    ['a code without a row', ''],
    ['a row without a code', `${row}\n${row.replace('DEMO', 'OTHER')}`],
    ['a code with two rows', `${row}\n${row}`],
    ['another status', row.replace('400', '404')],
    ['another number', row.replace('-32602', '-32603')],
    ['another answer to retrying', row.replace('no', 'yes')],
    ['a row that says nothing', '| `ERR_DEMO` | 400 | -32602 | no | | |'],
  ])('differs by %s', (_, markdown) => {
    expect(errorTableDifferences(registry, markdown)).not.toEqual([]);
  });

  it('is the same as a table with one row for each code', () => {
    expect(errorTableDifferences(registry, `# Errors\n\n${row}\n`)).toEqual([]);
  });
});
