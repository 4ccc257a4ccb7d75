import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openZip } from '../../src/archive/zip-archive.ts';
import { readZipDirectory } from '../../src/archive/zip-directory.ts';
import { ConvertError } from '../../src/base/convert-error.ts';
import { completeLimits, type Limits } from '../../src/base/limits.ts';
import { type RawEntry, rawZip } from '../support/raw-zip.ts';
import { sample } from '../support/samples.ts';
import '../../../strom/test/faults/support/base-line.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });
const text = (name: string, content = 'text'): RawEntry => ({
  name,
  content: Buffer.from(content),
});

function read(zip: Buffer, limits: Partial<Limits> = {}): string[] {
  return readZipDirectory(zip, completeLimits(limits)).map((entry) => entry.name);
}

describe('D03: readZipDirectory', () => {
  it('lists files and leaves out folders', () => {
    expect(read(rawZip([text('a/'), text('a/b.xml'), text('c.xml')]))).toEqual([
      'a/b.xml',
      'c.xml',
    ]);
  });

  it('finds the directory before a comment', () => {
    expect(read(rawZip([text('a.xml')], 'a comment'))).toEqual(['a.xml']);
  });

  it.each(['../evil', 'a/../../evil', '/etc/passwd', 'C:evil', 'a\\..\\evil', 'a\0b'])(
    'refuses the name %j',
    (name) => {
      expect(() => read(rawZip([text(name)]))).toThrow(code('corrupt'));
    },
  );

  it('refuses two entries of one name', () => {
    expect(() => read(rawZip([text('a.xml'), text('a.xml')]))).toThrow(code('corrupt'));
  });

  it('refuses entries that share their data', () => {
    const zip = rawZip([text('a.xml'), { ...text('b.xml'), sameDataAs: 0 }]);
    expect(() => read(zip)).toThrow(code('corrupt'));
  });

  it('refuses more entries than the limit', () => {
    const zip = rawZip([text('a'), text('b'), text('c')]);
    expect(() => read(zip, { maxArchiveEntries: 2 })).toThrow(code('too_large'));
  });

  it('refuses a ratio no document has', () => {
    const zip = rawZip([{ name: 'a.xml', content: Buffer.alloc(4 * 1024 * 1024) }]);
    expect(() => read(zip)).toThrow(code('too_large'));
  });

  it('refuses more inflated bytes than the limit, summed over all entries', () => {
    const zip = rawZip([text('a', 'x'.repeat(600)), text('b', 'y'.repeat(600))]);
    expect(read(zip, { maxInflatedBytes: 1200 })).toHaveLength(2);
    expect(() => read(zip, { maxInflatedBytes: 1199 })).toThrow(code('too_large'));
  });

  it('names an encrypted entry', () => {
    expect(() => read(rawZip([{ ...text('a'), flags: 1 }]))).toThrow(code('password_protected'));
  });

  it('refuses zip64', () => {
    const zip = rawZip([text('a')]);
    zip.writeUInt32LE(0xffffffff, zip.length - 22 + 16);
    expect(() => read(zip)).toThrow(code('unsupported'));
  });

  it('refuses a directory that points outside the archive', () => {
    const zip = rawZip([text('a')]);
    zip.writeUInt32LE(zip.length + 5, zip.length - 22 + 16);
    expect(() => read(zip)).toThrow(code('corrupt'));
  });
});

describe('openZip', () => {
  it('inflates what the directory declares', () => {
    const zip = openZip(rawZip([text('a.xml', 'hello')]), completeLimits());
    expect(zip.read('a.xml').toString()).toBe('hello');
  });

  it('stops inflating at the declared size', () => {
    const bomb = { name: 'a.xml', content: Buffer.alloc(8 * 1024 * 1024), declaredBytes: 100 };
    const zip = openZip(rawZip([bomb]), completeLimits());
    const before = process.memoryUsage.rss();
    expect(() => zip.read('a.xml')).toThrow(code('corrupt'));
    expect(process.memoryUsage.rss() - before).toBeLessThan(4 * 1024 * 1024);
  });

  it('refuses an entry that is shorter than declared', () => {
    const zip = openZip(rawZip([{ ...text('a'), declaredBytes: 10 }]), completeLimits());
    expect(() => zip.read('a')).toThrow(code('corrupt'));
  });

  it('refuses an entry that fails its checksum', () => {
    const bytes = rawZip([text('a.xml', 'hello')]);
    bytes.writeUInt32LE(1, bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 16);
    expect(() => openZip(bytes, completeLimits()).read('a.xml')).toThrow(code('corrupt'));
  });

  it('refuses a compression it does not know', () => {
    const zip = openZip(rawZip([{ ...text('a'), method: 12 }]), completeLimits());
    expect(() => zip.read('a')).toThrow(code('unsupported'));
  });

  it('fails with a reason whatever is damaged', async () => {
    const whole = Buffer.from((await sample('gauge-handbook.docx')).bytes);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, length) => {
        const zip = Buffer.from(whole.subarray(0, length));
        for (const [offset, value] of changes) if (offset < zip.length) zip[offset] = value;
        try {
          const archive = openZip(zip, completeLimits());
          for (const name of archive.names) archive.read(name);
        } catch (error) {
          expect(error).toBeInstanceOf(ConvertError);
        }
      }),
    );
  });
});
