import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, readSources } from './rules/sources.ts';

/** What `new Strom()` and the doors take. */
const TAKEN = ['ServerOptions', 'RunOptions'];
/** Who a server is; nothing to operate. */
const IDENTITY = new Set(['name', 'version', 'title', 'websiteUrl', 'instructions', 'clock']);

/** The members of every interface, and the interfaces each of them extends. */
function interfacesOf(sources: ReadonlyMap<string, string>) {
  const found = new Map<string, { members: string[]; bases: string[] }>();
  for (const [file, text] of sources) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
    source.forEachChild((node) => {
      if (!ts.isInterfaceDeclaration(node)) return;
      const members = node.members.flatMap(({ name }) => (name ? [name.getText(source)] : []));
      const bases = (node.heritageClauses ?? []).flatMap(({ types }) =>
        // `Partial<Limits>` and the like count as what they are made of.
        types.flatMap((type) => [...type.getText(source).matchAll(/\w+/g)].map(([name]) => name)),
      );
      found.set(node.name.text, { members, bases });
    });
  }
  return found;
}

const interfaces = interfacesOf(readSources('packages/strom/src'));

function optionsOf(name: string): string[] {
  const { members = [], bases = [] } = interfaces.get(name) ?? {};
  return [...members, ...bases.flatMap(optionsOf)];
}

const operations = readFileSync(path.join(REPOSITORY, 'docs/operations.md'), 'utf8');
const tables = operations
  .split('\n## ')
  .filter((section) => /^Options of (the server|the door|a process)\n/.test(section))
  .join('\n');
/** The first column of the tables of options. */
const documented = new Set(
  [...tables.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name),
  ),
);

describe('docs/operations.md', () => {
  it('has a row for every option of a server and its doors', () => {
    const options = TAKEN.flatMap(optionsOf).filter((option) => !IDENTITY.has(option));
    expect(options.length).toBeGreaterThan(40);
    expect(options.filter((option) => !documented.has(option))).toEqual([]);
  });

  it('has no option that no test sets', () => {
    const tests = [...readSources('packages/strom/test')]
      .filter(([file]) => !file.startsWith('architecture/'))
      .map(([, text]) => text)
      .join('\n');
    const untested = [...documented].filter((name) => !new RegExp(`\\b${name}\\b`).test(tests));
    expect(untested).toEqual([]);
  });

  it('has none for an option there is not', () => {
    const options = new Set(TAKEN.flatMap(optionsOf));
    expect([...documented].filter((name) => !options.has(name))).toEqual([]);
  });
});
