import { execFileSync } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConvertError, FAILURE_TEXTS } from '../../src/base/convert-error.ts';
import { isInside } from '../../src/roots/is-inside.ts';
import { openDocument } from '../../src/roots/open-document.ts';
import { createRootSet, type RootSet } from '../../src/roots/root-set.ts';
import { tempFolder } from '../support/temp-folder.ts';
import '../../../strom/test/faults/support/base-line.ts';

async function readAll(roots: RootSet, path: string): Promise<string> {
  await using document = await openDocument(roots.resolve(path));
  const pieces: Uint8Array[] = [];
  for await (const piece of document.read(4, 1_000)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The one answer a client gets for everything it may not read. */
async function expectRefused(roots: RootSet, path: string): Promise<void> {
  const failure = await readAll(roots, path).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConvertError);
  expect(failure).toMatchObject({ code: 'not_found', message: FAILURE_TEXTS.not_found });
}

describe('D01: openDocument', () => {
  it('reads a file below the root', async () => {
    await using folder = await tempFolder();
    await folder.write('sub/report.txt', 'the water stood high');
    const roots = await createRootSet([folder.path]);
    expect(await readAll(roots, 'sub/report.txt')).toBe('the water stood high');
    expect(await readAll(roots, './sub//report.txt')).toBe('the water stood high');
  });

  it('refuses every path that leads elsewhere, with the same words', async () => {
    await using folder = await tempFolder();
    await folder.write('root/inside.txt', 'inside');
    await folder.write('root-evil/secret.txt', 'secret');
    await folder.write('outside.txt', 'secret');
    const roots = await createRootSet([join(folder.path, 'root')]);
    for (const path of [
      'missing.txt',
      '../outside.txt',
      '../root-evil/secret.txt',
      'sub/../../outside.txt',
      '..',
      '',
      '.',
      join(folder.path, 'outside.txt'),
      join(folder.path, 'root/inside.txt'),
      '%2e%2e%2foutside.txt',
      '%252e%252e%252foutside.txt',
      '..\\outside.txt',
      'C:\\outside.txt',
      '\\\\host\\share\\x',
      'file://host/outside.txt',
      'inside.txt\0.pdf',
      '/proc/self/environ',
      `${'a'.repeat(5_000)}.txt`,
      `${'a'.repeat(300)}.txt`,
      'inside.txt/x',
    ]) {
      await expectRefused(roots, path);
    }
  });

  it('follows a link that stays inside and refuses one that leaves', async () => {
    await using folder = await tempFolder();
    await folder.write('root/inside.txt', 'inside');
    await folder.write('root-evil/secret.txt', 'secret');
    const root = join(folder.path, 'root');
    await symlink(join(root, 'inside.txt'), join(root, 'good.txt'));
    await symlink(join(folder.path, 'root-evil/secret.txt'), join(root, 'bad.txt'));
    await symlink(join(folder.path, 'root-evil'), join(root, 'folder'));
    await symlink('/dev/zero', join(root, 'zero.txt'));
    await symlink('/proc/self/environ', join(root, 'environment.txt'));
    const roots = await createRootSet([root]);
    expect(await readAll(roots, 'good.txt')).toBe('inside');
    await expectRefused(roots, 'bad.txt');
    await expectRefused(roots, 'folder/secret.txt');
    await expectRefused(roots, 'zero.txt');
    await expectRefused(roots, 'environment.txt');
  });

  it('refuses what is not a regular file, without waiting for it', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'folder.txt'));
    execFileSync('mkfifo', [join(folder.path, 'pipe.txt')]);
    const roots = await createRootSet([folder.path]);
    await expectRefused(roots, 'folder.txt');
    await expectRefused(roots, 'pipe.txt');
  });

  it('refuses devices even when the root holds them', async () => {
    const roots = await createRootSet(['/dev']);
    await expectRefused(roots, 'zero');
    await expectRefused(roots, 'null');
  });

  it('stops reading a file that grows beyond the limit', async () => {
    await using folder = await tempFolder();
    await folder.write('growing.txt', 'x'.repeat(2_000));
    const roots = await createRootSet([folder.path]);
    await expect(readAll(roots, 'growing.txt')).rejects.toMatchObject({ code: 'too_large' });
  });

  it('never resolves a path out of its root', async () => {
    await using folder = await tempFolder();
    const roots = await createRootSet([folder.path]);
    const part = fc.constantFrom('..', '.', '', 'a', '...', '..a', '\\', '%2e%2e', '\0', 'C:');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        try {
          expect(isInside(folder.path, roots.resolve(parts.join('/')).absolute)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'not_found' });
        }
      }),
    );
  });
});

describe('createRootSet', () => {
  it('puts the name of the root first when there are several', async () => {
    await using one = await tempFolder();
    await using other = await tempFolder();
    await one.write('a.txt', 'one');
    await other.write('a.txt', 'other');
    const roots = await createRootSet([one.path, other.path]);
    expect(await readAll(roots, `${basename(one.path)}/a.txt`)).toBe('one');
    expect(await readAll(roots, `${basename(other.path)}/a.txt`)).toBe('other');
    await expectRefused(roots, 'a.txt');
  });

  it('tells roots of one name apart', async () => {
    await using folder = await tempFolder();
    await folder.write('x/docs/a.txt', 'first');
    await folder.write('y/docs/a.txt', 'second');
    const roots = await createRootSet([join(folder.path, 'x/docs'), join(folder.path, 'y/docs')]);
    expect(await readAll(roots, 'docs/a.txt')).toBe('first');
    expect(await readAll(roots, 'docs-2/a.txt')).toBe('second');
  });

  it('refuses a root that is not a folder', async () => {
    await expect(createRootSet(['/no/such/folder'])).rejects.toBeInstanceOf(TypeError);
    await expect(createRootSet([])).rejects.toBeInstanceOf(TypeError);
  });
});
