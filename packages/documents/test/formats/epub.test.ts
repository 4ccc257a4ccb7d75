import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { convertEpub } from '../../src/formats/epub.ts';
import { sample, source, withCode } from '../support/samples.ts';

const BOOK = 'books/a-year-on-the-aller.epub';

describe('convertEpub', () => {
  it('puts title and author before the chapters, in the order of the spine', async () => {
    const document = await sample(BOOK);
    const { markdown, pages } = await convertEpub(document);
    expect(pages).toBe(4);
    expect(document.pages).toEqual([1, 2, 3, 4]);
    expect(markdown).toMatch(/^# A Year on the Aller\n\n_Solveig Lund_\n\n## Winter\n/);
    expect(markdown.match(/^## .+$/gm)).toEqual([
      '## Winter',
      '## Spring',
      '## Summer',
      '## Autumn',
    ]);
  });

  it('leaves out the table of contents, which is not in the spine', async () => {
    const { markdown } = await convertEpub(await sample(BOOK));
    expect(markdown).not.toContain('chapter-1.xhtml');
  });

  it('names a book whose chapters are encrypted', async () => {
    const parts = unzipSync((await sample(BOOK)).bytes);
    const encryption = `<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><CipherData><CipherReference URI="OEBPS/text/chapter-1.xhtml"/></CipherData></EncryptedData></encryption>`;
    const locked = zipSync({ ...parts, 'META-INF/encryption.xml': strToU8(encryption) });
    await expect(convertEpub(source(locked))).rejects.toEqual(withCode('password_protected'));
  });

  it('ignores spine entries that point out of the book', async () => {
    const parts = unzipSync((await sample(BOOK)).bytes);
    const opf = Buffer.from(parts['OEBPS/package.opf'] ?? []).toString();
    const climbing = opf.replaceAll('text/chapter-', '../../../etc/chapter-');
    const book = zipSync({ ...parts, 'OEBPS/package.opf': strToU8(climbing) });
    await expect(convertEpub(source(book))).rejects.toEqual(withCode('corrupt'));
  });
});
