import { describe, expect, it } from 'vitest';
import { revisionDates } from './rules/revision-dates.ts';
import { readSources } from './rules/sources.ts';

describe('revisions of the specification', () => {
  it('are named by no code outside protocol/', () => {
    expect(revisionDates(readSources('packages/strom/src'))).toEqual([]);
  });

  it.each([
    ['a text', `const era = '2025-06-18';`],
    ['a template', `const url = \`\${base}/2026-07-28/schema\`;`],
    ['a type', `type Era = '2025-11-25';`],
    ['the import of a codec', `import { codec } from '../protocol/revisions/2026-07-28/codec.ts';`],
  ])('are found in %s', (_, text) => {
    expect(revisionDates(new Map([['server/era.ts', text]]))).toHaveLength(1);
  });

  it('may be named by comments, by protocol/ and by imports of the generated types', () => {
    const planted = new Map([
      [
        'server/tool.ts',
        `// since 2026-07-28\nimport type { Tool } from '../protocol/spec/2026-07-28.ts';`,
      ],
      ['protocol/catalog.ts', `export const NEWEST = '2026-07-28';`],
    ]);
    expect(revisionDates(planted)).toEqual([]);
  });
});
