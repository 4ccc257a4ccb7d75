import { describe, expect, it } from 'vitest';
import { isHeld, NOT_HELD, renderHeld } from '../catalogue/base-line.ts';
import { renderCatalogue } from '../catalogue/render.ts';
import { CATALOGUE, rowsOf } from '../catalogue/rows.ts';
import { suites } from '../catalogue/suites.ts';

describe('the catalogue of faults', () => {
  const tested = new Set(suites().flatMap(({ name }) => rowsOf(name)));

  it('has tests for every row, or else the reason why there are none', () => {
    const without = Object.keys(CATALOGUE).filter((id) => !tested.has(id));
    const excused = Object.keys(CATALOGUE).filter((id) => CATALOGUE[id]?.reason !== undefined);
    expect(without).toEqual(excused);
  });

  it('knows every row that a test names', () => {
    expect([...tested].filter((id) => CATALOGUE[id] === undefined)).toEqual([]);
  });

  it('names the rows of every suite of its folder', () => {
    const faults = suites().filter(({ file }) => file.includes('/faults/'));
    expect(faults.filter(({ name }) => rowsOf(name).length === 0)).toEqual([]);
  });

  it('holds every file of a row to the base line, or else has the reason why not', () => {
    const files = suites().flatMap(({ file, name }) => (rowsOf(name).length > 0 ? [file] : []));
    const others = [...new Set(files)].filter((file) => !isHeld(file));
    expect(others.toSorted()).toEqual(Object.keys(NOT_HELD));
  });

  it('tells which files are not held to it', () => {
    const [file = '', reason] = Object.entries(NOT_HELD)[0] ?? [];
    const held = 'packages/strom/test/tasks/crash.test.ts';
    expect(renderHeld([held, file]).split('\n')).toEqual([
      '1 of 2 files are held to the base line; not:',
      `  ${file}: ${reason}`,
    ]);
  });

  it('reads rows off the start of a name', () => {
    expect(rowsOf('H07, O02: hosts')).toEqual(['H07', 'O02']);
    expect(rowsOf('hosts of H07: all')).toEqual([]);
  });

  it('is shown as a table', () => {
    const rows = {
      P01: { title: 'one' },
      P02: { title: 'other', reason: 'no' },
      P03: { title: '' },
    };
    const counts = new Map([['P01', { passed: 2, failed: 1, skipped: 0 }]]);
    expect(renderCatalogue(rows, counts).split('\n')).toEqual([
      'P01  one    2 passed, 1 failed',
      'P02  other  not run: no',
      'P03         not in this run',
      '',
      '1 of 3 rows of the catalogue run',
    ]);
  });
});
