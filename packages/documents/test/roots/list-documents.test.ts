import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDocuments } from '../../src/roots/list-documents.ts';
import { createRootSet } from '../../src/roots/root-set.ts';
import { tempFolder } from '../support/temp-folder.ts';

const options = { folder: '', maxDocuments: 100 };

describe('listDocuments', () => {
  it('lists sub-folders in natural order, with sizes and formats', async () => {
    await using folder = await tempFolder();
    await folder.write('part 10.txt', 'ten');
    await folder.write('part 2.txt', 'two!');
    await folder.write('more/table.csv', 'a,b');
    await folder.write('picture.png', 'x');
    const found = await listDocuments(await createRootSet([folder.path]), options);
    expect(found).toEqual([
      { path: 'more/table.csv', bytes: 3, format: 'csv' },
      { path: 'part 2.txt', bytes: 4, format: 'text' },
      { path: 'part 10.txt', bytes: 3, format: 'text' },
      { path: 'picture.png', bytes: 1 },
    ]);
  });

  it('leaves out hidden files, links and the output folder', async () => {
    await using folder = await tempFolder();
    await folder.write('a.txt', 'a');
    await folder.write('.hidden', 'x');
    await folder.write('.git/config', 'x');
    await folder.write('out/a.txt.md', 'x');
    await symlink('/etc', join(folder.path, 'etc'));
    await symlink('/etc/hostname', join(folder.path, 'hostname.txt'));
    const roots = await createRootSet([folder.path]);
    const found = await listDocuments(roots, { ...options, exclude: join(folder.path, 'out') });
    expect(found.map((document) => document.path)).toEqual(['a.txt']);
  });

  it('lists one folder only', async () => {
    await using folder = await tempFolder();
    await folder.write('a.txt', 'a');
    await folder.write('sub/b.txt', 'b');
    const found = await listDocuments(await createRootSet([folder.path]), {
      ...options,
      folder: 'sub/',
    });
    expect(found.map((document) => document.path)).toEqual(['sub/b.txt']);
  });

  it.each(['..', '/', '/etc', 'a.txt', 'missing', 'link'])(
    'refuses the folder %j',
    async (name) => {
      await using folder = await tempFolder();
      await folder.write('a.txt', 'a');
      await symlink('/etc', join(folder.path, 'link'));
      const roots = await createRootSet([folder.path]);
      await expect(listDocuments(roots, { ...options, folder: name })).rejects.toMatchObject({
        code: 'not_found',
      });
    },
  );

  it('fails rather than list more than the limit', async () => {
    await using folder = await tempFolder();
    for (const name of ['a', 'b', 'c']) await folder.write(name, name);
    const roots = await createRootSet([folder.path]);
    await expect(listDocuments(roots, { ...options, maxDocuments: 2 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });
});
