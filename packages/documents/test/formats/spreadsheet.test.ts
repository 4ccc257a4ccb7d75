import { utils, write } from '@e965/xlsx';
import { describe, expect, it } from 'vitest';
import { convertSpreadsheet } from '../../src/formats/spreadsheet.ts';
import { rawZip } from '../support/raw-zip.ts';
import { sample, source, withCode } from '../support/samples.ts';

function workbook(bookType: 'xlsx' | 'xls' | 'ods', rows: unknown[][]): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'Levels');
  return write(book, { type: 'buffer', bookType });
}

describe('convertSpreadsheet', () => {
  it('writes one heading and one table per sheet', async () => {
    const document = await sample('discharge-2024.xlsx');
    const { markdown, pages } = await convertSpreadsheet(document, 'xlsx');
    expect(pages).toBe(3);
    expect(document.pages).toEqual([1, 2, 3]);
    expect(markdown.match(/^## .+$/gm)).toEqual([
      '## Monthly discharge',
      '## Calibration',
      '## Notes',
    ]);
    expect(markdown).toContain('| Jan | 71.2 | 69.0 | 24.6 |');
  });

  it('shows dates and percentages as the workbook formats them', async () => {
    const { markdown } = await convertSpreadsheet(await sample('discharge-2024.xlsx'), 'xlsx');
    expect(markdown).toContain('| Current meter B | 2024-02-07 | 3.1% | retired with thanks |');
  });

  it.each(['xlsx', 'xls', 'ods'] as const)('reads %s', async (type) => {
    const bytes = workbook(type, [
      ['Station', 'Level'],
      ['Oster Lock', 214],
    ]);
    const { markdown } = await convertSpreadsheet(source(bytes), type);
    expect(markdown).toBe(
      '## Levels\n\n| Station | Level |\n| --- | --- |\n| Oster Lock | 214 |\n',
    );
  });

  it('visits only cells that exist, however far apart they are', async () => {
    const started = performance.now();
    const { markdown } = await convertSpreadsheet(source(sparseWorkbook()), 'xlsx');
    expect(markdown).toBe('## Sparse\n\n| first |  |\n| --- | --- |\n|  | last |\n');
    // The range it claims has 17 billion cells.
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('stops at the cell limit', async () => {
    const rows = Array.from({ length: 30 }, () => ['a', 'b', 'c']);
    const document = source(workbook('xlsx', rows), { limits: { maxCells: 50 } });
    await expect(convertSpreadsheet(document, 'xlsx')).rejects.toEqual(withCode('too_large'));
  });
});

/** Two cells, in the first and the very last place of a sheet. */
function sparseWorkbook(): Buffer {
  const sheet = (address: string, text: string): string =>
    `<c r="${address}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts = {
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}.worksheet+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Sparse" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet xmlns="${main}"><dimension ref="A1:XFD1048576"/><sheetData><row r="1">${sheet('A1', 'first')}</row><row r="1048576">${sheet('XFD1048576', 'last')}</row></sheetData></worksheet>`,
  };
  return rawZip(
    Object.entries(parts).map(([name, text]) => ({ name, content: Buffer.from(text) })),
  );
}
