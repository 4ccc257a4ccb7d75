import { describe, expect, it } from 'vitest';
import { convertPptx } from '../../src/formats/pptx.ts';
import { sample, source, withCode } from '../support/samples.ts';

describe('convertPptx', () => {
  it('writes one section per slide', async () => {
    const document = await sample('public-lecture.pptx');
    const { markdown, pages } = await convertPptx(document);
    expect(pages).toBe(4);
    expect(document.pages).toEqual([1, 2, 3, 4]);
    expect(markdown.match(/^## .+$/gm)).toEqual([
      '## Slide 1: How to measure a river',
      '## Slide 2: Three things a river does',
      '## Slide 3: The flood of January 2024',
      '## Slide 4: What you can do',
    ]);
  });

  it('nests bullets by their level', async () => {
    const { markdown } = await convertPptx(await sample('public-lecture.pptx'));
    expect(markdown).toContain('- It flows\n  - measured with a current meter\n  - or with');
  });

  it('keeps tables and speaker notes', async () => {
    const { markdown } = await convertPptx(await sample('public-lecture.pptx'));
    expect(markdown).toContain('| Delta North | 263 | 19 |');
    expect(markdown).toContain('> Thank the lock keepers by name.');
  });

  it('refuses more slides than the limit', async () => {
    const { bytes } = await sample('public-lecture.pptx');
    const document = source(bytes, { limits: { maxPages: 3 } });
    await expect(convertPptx(document)).rejects.toEqual(withCode('too_large'));
  });
});
