import { randomUUID } from 'node:crypto';
import { readdir, readFile, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSubfolder, openOutputFolder } from '../../src/jobs/output-folder.ts';
import { outputName } from '../../src/jobs/output-name.ts';
import { temporaryName } from '../../src/jobs/temporary-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

describe('openOutputFolder', () => {
  it('mirrors sub-folders and leaves nothing but the file', async () => {
    await using folder = await tempFolder();
    const output = await openOutputFolder(join(folder.path, 'new'));
    await output.write('a/b/report.pdf.md', Buffer.from('# Report'));
    expect(await readdir(folder.path, { recursive: true })).toEqual([
      'new',
      'new/a',
      'new/a/b',
      'new/a/b/report.pdf.md',
    ]);
    expect((await output.read('a/b/report.pdf.md'))?.toString()).toBe('# Report');
  });

  it('replaces an earlier file as a whole', async () => {
    await using folder = await tempFolder();
    const output = await openOutputFolder(folder.path);
    await output.write('a.md', Buffer.from('a long first version'));
    await output.write('a.md', Buffer.from('short'));
    expect(await readFile(join(folder.path, 'a.md'), 'utf8')).toBe('short');
  });

  it('does not follow a link out of the folder, to write or to read', async () => {
    await using folder = await tempFolder();
    await using outside = await tempFolder();
    await outside.write('secret.md', 'secret');
    await symlink(outside.path, join(folder.path, 'link'));
    const output = await openOutputFolder(folder.path);
    await expect(output.write('link/a.md', Buffer.from('x'))).rejects.toMatchObject({
      code: 'output_failed',
    });
    expect(await output.read('link/secret.md')).toBeUndefined();
    expect(await readdir(outside.path)).toEqual(['secret.md']);
  });

  it('leaves no temporary file when the name is taken by a folder', async () => {
    await using folder = await tempFolder();
    await folder.write('a.md/inside.txt', 'x');
    const output = await openOutputFolder(folder.path);
    await expect(output.write('a.md', Buffer.from('x'))).rejects.toMatchObject({
      code: 'output_failed',
    });
    expect(await readdir(folder.path)).toEqual(['a.md']);
  });
});

describe('temporary files', () => {
  const GONE = 2 ** 22 + 1;
  const nameOf = (pid: number, host = temporaryName().slice(1, 9)): string =>
    `.${host}-${pid}-${randomUUID()}.tmp`;

  it('are removed when their process is gone or had our number before, and no others', async () => {
    await using folder = await tempFolder();
    const stale = [nameOf(GONE), nameOf(process.pid), nameOf(GONE, '00000000')];
    const kept = [temporaryName(), nameOf(process.ppid), nameOf(GONE, '00000001'), '.own.tmp'];
    for (const name of [...stale, ...kept]) await folder.write(`sub/${name}`, 'half');
    const path = (name = ''): string => join(folder.path, 'sub', name);
    const longAgo = new Date(Date.now() - 86_400_000);
    await utimes(path(stale[1]), longAgo, longAgo);
    await utimes(path(stale[2]), longAgo, longAgo);
    const output = await openOutputFolder(folder.path);
    await output.tidy(['missing', '../..', '.', 'sub']);
    expect((await readdir(path())).toSorted()).toEqual(kept.toSorted());
  });
});

describe('outputName', () => {
  it('keeps documents of one stem apart', () => {
    expect(outputName('2024/report.pdf')).toBe('2024/report.pdf.md');
    expect(outputName('2024/report.docx')).toBe('2024/report.docx.md');
  });

  it('fits long names into a file system, still one per document', () => {
    const names = ['x', 'y'].map((end) => outputName(`${'ä'.repeat(126)}${end}.t`));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  });
});

describe('checkSubfolder', () => {
  it('takes a plain relative name', () => {
    expect(checkSubfolder('')).toBe('');
    expect(checkSubfolder('2024/reports/')).toBe('2024/reports');
  });

  it.each(['..', 'a/../..', '/etc', '.hidden', 'a/.git', 'C:x', 'a\0', '\\\\host'])(
    'refuses %j',
    (name) => {
      expect(() => checkSubfolder(name)).toThrow(expect.objectContaining({ code: 'not_found' }));
    },
  );
});
