import { describe, expect, it } from 'vitest';
import { convertHtml } from '../../src/formats/html.ts';
import { sample, source } from '../support/samples.ts';

describe('convertHtml', () => {
  it('keeps headings, lists, tables and links', async () => {
    const { markdown } = await convertHtml(await sample('visitor-guide.html'));
    expect(markdown).toMatch(/^# Visiting the Lindmark gauges\n/);
    expect(markdown).toContain('2. Follow the tow path for 3.2\u00a0km.');
    expect(markdown).toContain('| Heron Weir | 06:00 to 20:00 | closed |');
    expect(markdown).toContain('the [map](https://lindmark-survey.example/map) is free');
  });

  it('drops scripts, styles and navigation', async () => {
    const { markdown } = await convertHtml(await sample('visitor-guide.html'));
    expect(markdown).not.toMatch(/never run|font-family|Home/);
  });

  it('replaces an image that carries its bytes by its description', async () => {
    const { markdown } = await convertHtml(await sample('visitor-guide.html'));
    expect(markdown).toContain('The gauge house in snow');
    expect(markdown).not.toContain('data:');
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    ' \u0001javascript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
  ])('unwraps a link to %j', async (address) => {
    const { markdown } = await convertHtml(source(`<p><a href="${address}">read me</a></p>`));
    expect(markdown).toBe('read me\n');
  });

  it('takes the first row of a table without a head for its head', async () => {
    const html = '<table><tr><td>Station</td></tr><tr><td>Oster Lock</td></tr></table>';
    const { markdown } = await convertHtml(source(html));
    expect(markdown).toBe('| Station |\n| --- |\n| Oster Lock |\n');
  });

  it('never passes raw HTML through', async () => {
    const html = '<p>&lt;img src=x onerror=alert(1)&gt;</p><!-- secret --><svg onload="x"></svg>';
    const { markdown } = await convertHtml(source(html));
    expect(markdown).toBe('\\<img src=x onerror=alert(1)>\n');
  });

  it('honours the character set the page declares', async () => {
    const page = '<meta charset="iso-8859-2"><p>\u0141\u00f3d\u017a</p>';
    const bytes = Buffer.from(page.replace('\u0141\u00f3d\u017a', '\u00a3\u00f3d\u00bc'), 'latin1');
    const { markdown } = await convertHtml(source(bytes));
    expect(markdown).toBe('Łódź\n');
  });
});
