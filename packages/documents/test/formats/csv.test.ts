import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertCsv, detectDelimiter } from '../../src/formats/csv.ts';
import { sample, source, withCode } from '../support/samples.ts';

describe('convertCsv', () => {
  it('keeps quoted fields whole and escapes pipes', async () => {
    const document = await sample('measurements/bridge-soundings.csv');
    const { markdown } = convertCsv(document, 'csv');
    expect(markdown).toContain('| scour hole, 40 cm deeper than in 2023 |');
    expect(markdown).toContain('stone blocks in place \\| photographed');
  });

  it('reads semicolons and Latin-1', async () => {
    const document = await sample('measurements/pegelstaende-latin1.csv');
    const { markdown } = convertCsv(document, 'csv');
    expect(markdown).toContain('| Station | Gewässer | Datum | Pegel (cm) | Abfluss (m³/s) |');
    expect(markdown).toContain('| Weißes Wehr | Kleine Aller | 2024-03-02 | 176,8 | 13,0 |');
  });

  it('reads tabs', async () => {
    const { markdown } = convertCsv(await sample('measurements/water-quality.tsv'), 'tsv');
    expect(markdown).toContain('| Delta North | 2024-05-03 | 8.0 | 9.2 | 3.0 | 8.7 |');
  });

  it('pads short rows', () => {
    const { markdown } = convertCsv(source('a,b,c\n1\n'), 'csv');
    expect(markdown).toBe('| a | b | c |\n| --- | --- | --- |\n| 1 |  |  |\n');
  });

  it('stops at the cell limit', () => {
    const document = source('a,b\n'.repeat(30), { limits: { maxCells: 50 } });
    expect(() => convertCsv(document, 'csv')).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });

  it('D03: refuses a row that would make a hundred thousand others as wide', () => {
    const document = source(`${'a\n'.repeat(100_000)}${','.repeat(5000)}\n`);
    const startMs = performance.now();
    expect(() => convertCsv(document, 'csv')).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('names a quote that is never closed', () => {
    expect(() => convertCsv(source('a,b\n"never,closed\n'), 'csv')).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('keeps every row on one line with equally many cells, whatever the fields hold', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '|', '\\', '\n', '`', ' ', '<', '"') });
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field), { minLength: 1 }), (rows) => {
        const quoted = rows.map((row) => row.map((f) => `"${f.replaceAll('"', '""')}"`).join(','));
        const { markdown } = convertCsv(source(`x,y\n${quoted.join('\n')}\n`), 'csv');
        for (const line of markdown.trimEnd().split('\n')) {
          const pipes = [...line.matchAll(/(?<!\\)(?:\\\\)*\|/g)].length;
          expect(pipes).toBe(3);
        }
      }),
    );
  });
});

describe('detectDelimiter', () => {
  it.each([
    [',', 'a,b,c\n1,2,3\n'],
    [';', 'a;b\n1,5;2,5\n'],
    ['\t', 'a\tb\n1\t2\n'],
    ['|', 'a|b|c\n1|2|3\n'],
    [';', 'name;remark\n"x;y";"one, two, three"\n'],
  ])('finds %j', (delimiter, text) => {
    expect(detectDelimiter(text)).toBe(delimiter);
  });
});

describe('withCode', () => {
  it('tells codes apart', () => {
    expect({ code: 'corrupt' }).toEqual(withCode('corrupt'));
    expect({ code: 'corrupt' }).not.toEqual(withCode('timeout'));
  });
});
