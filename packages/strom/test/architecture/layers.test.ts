import { describe, expect, it } from 'vitest';
import { importCycles } from './rules/cycles.ts';
import { layerViolations, MAY_IMPORT } from './rules/layers.ts';
import { readSources } from './rules/sources.ts';

const sources = readSources('packages/strom/src');

describe('layers', () => {
  it('are kept by every import', () => {
    expect(sources.size).toBeGreaterThan(100);
    expect(layerViolations(sources)).toEqual([]);
  });

  it('have a row for every folder, and a folder for every row', () => {
    const folders = new Set([...sources.keys()].map((file) => file.split('/', 1)[0]));
    expect(folders).toEqual(new Set(Object.keys(MAY_IMPORT)));
  });

  it.each([
    [
      'a value import',
      'transports/http/door.ts',
      `import { Server } from '../../server/server.ts';`,
    ],
    ['a type import', 'transports/door.ts', `import type { Client } from '../client/client.ts';`],
    ['a re-export', 'base/all.ts', `export { parse } from '../protocol/parse-message.ts';`],
    ['an import on demand', 'server/door.ts', `await import('../transports/http/http-host.ts');`],
    ['the same layer', 'protocol/check.ts', `import { check } from '../schema/check.ts';`],
    ['an entry', 'serve/door.ts', `import { Strom } from '../entry/index.ts';`],
    ['a folder without a row', 'utils/text.ts', 'export const nothing = 0;'],
  ])('are broken by %s', (_, file, text) => {
    expect(layerViolations(new Map([[file, text]]))).toHaveLength(1);
  });

  it('let a folder use itself and lower ones', () => {
    const text = `import { a } from './a.ts';\nimport { b } from '../base/b.ts';`;
    expect(layerViolations(new Map([['server/c.ts', text]]))).toEqual([]);
  });
});

describe('import cycles', () => {
  it.each(['packages/strom/src', 'packages/documents/src'])('do not exist in %s', (folder) => {
    expect(importCycles(readSources(folder))).toEqual([]);
  });

  it('are found, type imports included', () => {
    const planted = new Map([
      ['base/a.ts', `import { b } from './b.ts';`],
      ['base/b.ts', `import type { C } from '../calls/c.ts';`],
      ['calls/c.ts', `export { a } from '../base/a.ts';`],
    ]);
    expect(importCycles(planted)).toEqual(['base/a.ts -> base/b.ts -> calls/c.ts -> base/a.ts']);
  });

  it('are cut by loading on demand', () => {
    const planted = new Map([
      ['a.ts', `const { b } = await import('./b.ts');`],
      ['b.ts', `import type { A } from './a.ts';`],
    ]);
    expect(importCycles(planted)).toEqual([]);
  });
});
