import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConvertError } from '../../src/base/convert-error.ts';
import { completeLimits } from '../../src/base/limits.ts';
import { detectFormat } from '../../src/formats/detect-format.ts';
import { rawZip } from '../support/raw-zip.ts';
import { SAMPLES, sample } from '../support/samples.ts';
import '../../../strom/test/faults/support/base-line.ts';

const limits = completeLimits();
const detect = (bytes: Uint8Array, name: string) => detectFormat(bytes, name, limits);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('D06: detectFormat', () => {
  it('types every sample as its name says', async () => {
    for (const name of await readdir(SAMPLES, { recursive: true })) {
      if (!/\.\w+$/.test(name) || name.includes('damaged')) continue;
      const extension = name.slice(name.lastIndexOf('.') + 1);
      const expected = { md: 'markdown', txt: 'text' }[extension] ?? extension;
      expect(detect(await readFile(join(SAMPLES, name)), name)).toBe(expected);
    }
  });

  it('types a document under a wrong name by its bytes', async () => {
    const { bytes } = await sample('annual-report-2024.pdf');
    expect(detect(bytes, 'report.docx')).toBe('pdf');
    expect(detect((await sample('gauge-handbook.docx')).bytes, 'x.txt')).toBe('docx');
  });

  it('refuses a name the bytes do not keep', () => {
    expect(() => detect(Buffer.from('just words'), 'report.pdf')).toThrow(code('corrupt'));
  });

  it('refuses binary data under a text name', () => {
    expect(() => detect(Buffer.from([1, 0, 2, 0, 3]), 'notes.txt')).toThrow(code('unsupported'));
  });

  it('refuses an unknown extension', () => {
    expect(() => detect(Buffer.from('x'), 'picture.svgz')).toThrow(code('unsupported'));
  });

  it('takes a name without an extension for text', () => {
    expect(detect(Buffer.from('words'), 'LICENSE')).toBe('text');
  });

  it('names an empty file', () => {
    expect(() => detect(Buffer.alloc(0), 'a.txt')).toThrow(code('empty'));
  });

  it('names an encrypted Office document', () => {
    const magic = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    const stream = Buffer.from('EncryptedPackage', 'utf16le');
    expect(() => detect(Buffer.concat([magic, stream]), 'plan.docx')).toThrow(
      code('password_protected'),
    );
  });

  it('refuses an ordinary zip', () => {
    const zip = rawZip([{ name: 'a.txt', content: Buffer.from('a') }]);
    expect(() => detect(zip, 'a.docx')).toThrow(code('unsupported'));
  });

  it('answers any bytes with a format or a failure it can name', () => {
    const start = fc.constantFrom('', 'PK\u0003\u0004', '%PDF-', '\u00d0\u00cf', '{');
    const name = fc.constantFrom('a.pdf', 'a.docx', 'a.txt', 'a.json', 'a', 'a.xyz');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), name, (head, tail, fileName) => {
        try {
          detect(Buffer.concat([Buffer.from(head, 'latin1'), tail]), fileName);
        } catch (error) {
          expect(error).toBeInstanceOf(ConvertError);
        }
      }),
    );
  });
});
