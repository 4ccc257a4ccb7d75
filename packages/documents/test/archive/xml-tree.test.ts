import { describe, expect, it } from 'vitest';
import { hasDoctype } from '../../src/archive/xml-doctype.ts';
import { descendants, parseXml } from '../../src/archive/xml-tree.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('parseXml', () => {
  it('reads elements, attributes and text without prefixes', () => {
    const root = parseXml(Buffer.from('<a:r xmlns:a="x"><a:t b="1">one &amp; two</a:t></a:r>'));
    const [text] = descendants(root, 't');
    expect(root.name).toBe('r');
    expect(text?.text).toBe('one & two');
    expect(text?.attributes['b']).toBe('1');
  });

  it('knows no entities but the predefined ones', () => {
    const bomb = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><r>&b;</r>';
    expect(() => parseXml(Buffer.from(bomb))).toThrow(code('corrupt'));
  });

  it('never reads a file an entity names', () => {
    const xxe = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>';
    expect(() => parseXml(Buffer.from(xxe))).toThrow(code('corrupt'));
  });

  it('refuses endless nesting', () => {
    const deep = `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`;
    expect(() => parseXml(Buffer.from(deep))).toThrow(code('too_large'));
  });

  it('names XML that is not well-formed', () => {
    expect(() => parseXml(Buffer.from('<a><b></a>'))).toThrow(code('corrupt'));
  });

  it('reads UTF-16', () => {
    const xml = Buffer.from('\ufeff<a>Flöße</a>', 'utf16le');
    expect(parseXml(xml).text).toBe('Flöße');
    expect(parseXml(Buffer.from(xml).swap16()).text).toBe('Flöße');
  });
});

describe('hasDoctype', () => {
  it.each(['utf8', 'utf16le'] as const)('finds a declaration in %s', (encoding) => {
    expect(hasDoctype(Buffer.from('<!DOCTYPE x><x/>', encoding))).toBe(true);
    expect(hasDoctype(Buffer.from('<x>DOCTYPE</x>', encoding))).toBe(false);
  });
});
