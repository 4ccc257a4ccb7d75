import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { borderViolations } from './rules/package-borders.ts';
import { REPOSITORY, readSources } from './rules/sources.ts';

const FOLDERS = ['packages', 'examples', 'scripts', 'bench'];

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

function subpathsOf(folder: string): [string, ReadonlySet<string>] {
  const file = path.join(REPOSITORY, folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  return [manifest.name, new Set(Object.keys(manifest.exports))];
}

const published = new Map([subpathsOf('packages/strom'), subpathsOf('packages/documents')]);

describe('packages', () => {
  it.each(FOLDERS)('use each other only through exports: %s', (folder) => {
    const sources = [...readSources(folder)].map(([file, text]) => [`${folder}/${file}`, text]);
    expect(borderViolations(new Map(sources as [string, string][]), published)).toEqual([]);
  });

  it.each([
    ['the source of another', `import { Server } from '../../strom/src/server/server.ts';`],
    ['a path it does not export', `import { Server } from 'strom/dist/server/server.js';`],
    ['the test fixtures of another', `import { relay } from '../../strom/test/harness/relay.ts';`],
  ])('must not import %s', (_, text) => {
    const planted = new Map([['packages/documents/src/main.ts', text]]);
    expect(borderViolations(planted, published)).toHaveLength(1);
  });

  it('must not be looked into by scripts and examples', () => {
    const planted = new Map([
      ['scripts/demo.ts', `import { Call } from '../packages/strom/src/calls/call.ts';`],
      ['examples/hello/server.ts', `import { engine } from '@strom/documents/dist/engine.js';`],
    ]);
    expect(borderViolations(planted, published)).toHaveLength(2);
  });

  it('may import what another exports, and their own source; tests may share fixtures', () => {
    const planted = new Map([
      ['packages/documents/src/main.ts', `import { connect } from 'strom/client';`],
      ['packages/documents/test/main.test.ts', `import { main } from '../src/main.ts';`],
      [
        'packages/documents/test/pipe.test.ts',
        `import { relay } from '../../strom/test/harness/relay.ts';`,
      ],
      ['scripts/suite.ts', `import { server } from '../packages/strom/test/suite/server.ts';`],
    ]);
    expect(borderViolations(planted, published)).toEqual([]);
  });
});
