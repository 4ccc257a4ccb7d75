import { describe, expect, it } from 'vitest';
import { packageProblems } from '../package/package-problems.ts';

const MANIFEST = JSON.stringify({
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  bin: { strom: './dist/main.js' },
});

const GOOD: ReadonlyMap<string, string> = new Map([
  ['package.json', MANIFEST],
  ['README.md', ''],
  ['LICENSE', ''],
  ['src/index.ts', ''],
  ['src/main.ts', ''],
  ['dist/index.js', ''],
  ['dist/index.d.ts', ''],
  ['dist/index.js.map', '{"sources":["../src/index.ts"]}'],
  ['dist/main.js', '#!/usr/bin/env node\n'],
]);

describe('L05: the check of the package', () => {
  it('passes a package that is complete', () => {
    expect(packageProblems(GOOD)).toEqual([]);
  });

  it.each(['LICENSE', 'dist/index.d.ts', 'dist/main.js'])('misses %s', (file) => {
    const files = new Map(GOOD);
    files.delete(file);
    expect(packageProblems(files)).toHaveLength(1);
  });

  it.each([
    ['a test', 'test/index.test.ts', ''],
    ['a state of the compiler', 'tsconfig.tsbuildinfo', ''],
    ['a leftover of an older build', 'dist/gone.js', ''],
    ['a map that leads nowhere', 'dist/index.js.map', '{"sources":["../src/elsewhere.ts"]}'],
    ['a command that is none', 'dist/main.js', 'console.log()'],
  ])('finds %s', (_, file, text) => {
    expect(packageProblems(new Map([...GOOD, [file, text]]))).toHaveLength(1);
  });
});
