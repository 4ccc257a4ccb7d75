import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  nodeModulesLoadedBy,
  PORTABLE_FOLDERS,
  portabilityViolations,
} from './rules/portability.ts';
import { REPOSITORY, readSources } from './rules/sources.ts';

const sources = readSources('packages/strom/src');

describe('layers 0 to 4', () => {
  it('import no node: module outside node-*.ts', () => {
    expect(portabilityViolations(sources)).toEqual([]);
  });

  it('are broken by a node: import, even of a type', () => {
    const planted = new Map([
      ['base/file.ts', `import { readFile } from 'node:fs/promises';`],
      ['client/socket.ts', `import type { Socket } from 'node:net';`],
    ]);
    expect(portabilityViolations(planted)).toHaveLength(2);
  });

  it('are broken by loading a node-*.ts file at once', () => {
    const planted = new Map([
      ['client/node-channel.ts', `import { spawn } from 'node:child_process';`],
      ['client/link.ts', `import { channel } from './node-channel.ts';`],
    ]);
    expect(portabilityViolations(planted)).toEqual(['client/link.ts: imports ./node-channel.ts']);
  });

  it('may load a node-*.ts file on demand', () => {
    const planted = new Map([
      ['client/link.ts', `const { channel } = await import('./node-channel.ts');`],
    ]);
    expect(portabilityViolations(planted)).toEqual([]);
  });

  it('are those that are compiled without the types of Node', () => {
    const config = JSON.parse(
      readFileSync(path.join(REPOSITORY, 'tsconfig.portable.json'), 'utf8'),
    ) as { include: string[] };
    const folders = PORTABLE_FOLDERS.map((folder) => `packages/strom/src/${folder}`);
    expect(config.include).toEqual(expect.arrayContaining(folders));
  });
});

describe('the entries for every host', () => {
  it.each(['entry/index.ts', 'entry/client.ts'])('%s loads no node: module', (entry) => {
    expect(sources.has(entry)).toBe(true);
    expect(nodeModulesLoadedBy(entry, sources)).toEqual([]);
  });

  it('are broken by a node: module anywhere below them', () => {
    const planted = new Map([
      ['entry/index.ts', `export { a } from '../base/a.ts';`],
      ['base/a.ts', `import { b } from './b.ts';`],
      ['base/b.ts', `import { once } from 'node:events';`],
    ]);
    expect(nodeModulesLoadedBy('entry/index.ts', planted)).toEqual(['base/b.ts: node:events']);
  });
});
