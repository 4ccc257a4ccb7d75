import { describe, expect, it } from 'vitest';
import { convertMarkdown } from '../../src/formats/markdown.ts';
import { convertText } from '../../src/formats/text.ts';
import { sample, source } from '../support/samples.ts';

describe('convertText', () => {
  it('turns underlined lines into headings', async () => {
    const { markdown } = convertText(await sample('field-notes-march.txt'));
    expect(markdown.match(/^#+ .+$/gm)).toEqual([
      '# FIELD NOTES, MARCH 2024',
      '## Oster Lock',
      '## Readings of the day',
      '## Mill Bridge',
    ]);
  });

  it('keeps what was laid out with blanks', async () => {
    const { markdown } = convertText(await sample('field-notes-march.txt'));
    expect(markdown).toContain('```\n  station        time    level   temp\n');
  });

  it('keeps bullet lists', async () => {
    const { markdown } = convertText(await sample('field-notes-march.txt'));
    expect(markdown).toContain('- cleaned the stilling well\n- replaced the battery');
  });

  it('escapes what Markdown would take for something else', () => {
    expect(convertText(source('# not a heading\n')).markdown).toBe('\\# not a heading\n');
  });

  it('cannot be made to end its own code block', () => {
    const { markdown } = convertText(source('left    right\n```\nx    y\n'));
    expect(markdown).toMatch(/^````\n/);
  });

  it.each([
    ['UTF-8 with a mark', Buffer.from('\ufeffFlöße', 'utf8')],
    ['UTF-16 little endian', Buffer.from('\ufeffFlöße', 'utf16le')],
    ['UTF-16 big endian', Buffer.from('\ufeffFlöße', 'utf16le').swap16()],
    ['Latin-1', Buffer.from('Flöße', 'latin1')],
  ])('reads %s', (_name, bytes) => {
    expect(convertText(source(bytes)).markdown).toBe('Flöße\n');
  });
});

describe('convertMarkdown', () => {
  it('passes Markdown through', async () => {
    const document = await sample('about-the-archive.md');
    expect(convertMarkdown(document).markdown).toBe(Buffer.from(document.bytes).toString('utf8'));
  });

  it('brings line breaks to one kind', () => {
    expect(convertMarkdown(source('# a\r\n\r\nb\r')).markdown).toBe('# a\n\nb\n');
  });
});
