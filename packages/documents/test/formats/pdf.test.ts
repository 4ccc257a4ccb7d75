import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { convertPdf } from '../../src/formats/pdf.ts';
import { bigPdf } from '../support/big-pdf.ts';
import { sample, source, withCode } from '../support/samples.ts';

describe('convertPdf', () => {
  it('finds headings by font size and nests them', async () => {
    const { markdown } = await convertPdf(await sample('annual-report-2024.pdf'));
    const headings = markdown.split('\n').filter((line) => line.startsWith('#'));
    expect(headings).toEqual([
      '# Annual Report 2024',
      '## Lindmark River Survey',
      '## 1 The year in short',
      '### 1.1 Three figures to remember',
      '## 2 Water levels',
      '## 3 The January flood',
      '### 3.1 What we would do again',
      '### 3.2 What we would not do again',
      '## 4 Water quality',
      '## 5 Money',
      '## 6 Outlook',
    ]);
  });

  it('joins the lines of a paragraph', async () => {
    const { markdown } = await convertPdf(await sample('annual-report-2024.pdf'));
    expect(markdown).toContain(
      '\nPresented to the council on the fifteenth of January 2025 by Ilse Brandt, surveyor in charge, with measurements by Chidi Okafor and maps by Solveig Lund.\n',
    );
  });

  it('turns aligned text into a table', async () => {
    const { markdown } = await convertPdf(await sample('annual-report-2024.pdf'));
    expect(markdown).toContain(
      [
        '| Station | Lowest | Mean | Highest | Date of highest |',
        '| --- | --- | --- | --- | --- |',
        '| Oster Lock | 96 | 214 | 412 | 2024-01-04 |',
      ].join('\n'),
    );
  });

  it('keeps bullet lists', async () => {
    const { markdown } = await convertPdf(await sample('annual-report-2024.pdf'));
    expect(markdown).toContain('\n- Keeping a bicycle at every station.\n');
  });

  it('drops running heads and page numbers', async () => {
    const { markdown } = await convertPdf(await sample('annual-report-2024.pdf'));
    expect(markdown).not.toMatch(/Page \d of \d/);
    expect(markdown).not.toContain('·');
  });

  it('reports every page, in order', async () => {
    const document = await sample('annual-report-2024.pdf');
    const { pages } = await convertPdf(document);
    expect(pages).toBe(5);
    expect(document.pages).toEqual([1, 2, 3, 4, 5]);
  });

  it('names a password', async () => {
    const locked = await sample('confidential/staff-review-locked.pdf');
    await expect(convertPdf(locked)).rejects.toEqual(withCode('password_protected'));
  });

  it('names a damaged file', async () => {
    await expect(convertPdf(source('%PDF-1.7\nnothing follows'))).rejects.toEqual(
      withCode('corrupt'),
    );
  });

  it('refuses more pages than the limit before reading one', async () => {
    const document = source(await bigPdf(4), { limits: { maxPages: 3 } });
    await expect(convertPdf(document)).rejects.toEqual(withCode('too_large'));
    expect(document.pages).toEqual([]);
  });

  it('says so when there is no text to convert', async () => {
    await expect(convertPdf(source(drawingOnly()))).rejects.toEqual(withCode('no_text'));
  });
});

/** A PDF with one page and one line on it, without a single letter. */
function drawingOnly(): Buffer {
  const content = deflateSync(Buffer.from('10 10 m 200 200 l S'));
  const head = Buffer.from(
    [
      '%PDF-1.4',
      '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
      '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>endobj',
      `4 0 obj<</Length ${content.length}/Filter/FlateDecode>>stream\n`,
    ].join('\n'),
  );
  const tail = Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
  return Buffer.concat([head, content, tail]);
}
