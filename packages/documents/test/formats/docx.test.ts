import { describe, expect, it } from 'vitest';
import { convertDocx } from '../../src/formats/docx.ts';
import { rawZip } from '../support/raw-zip.ts';
import { sample, source, withCode } from '../support/samples.ts';

const DOCUMENT = (body: string, prolog = ''): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?>${prolog}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  );
const TYPES = Buffer.from(
  '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
);

function docx(document: Buffer): Buffer {
  return rawZip([
    { name: '[Content_Types].xml', content: TYPES },
    { name: 'word/document.xml', content: document },
  ]);
}

describe('convertDocx', () => {
  it('keeps headings, emphasis, lists and tables', async () => {
    const { markdown } = await convertDocx(await sample('gauge-handbook.docx'));
    expect(markdown).toContain('# Gauge Handbook\n');
    expect(markdown).toContain('## Before you leave\n\n1. Compare the staff gauge');
    expect(markdown).toContain('- A pencil and a second pencil\n');
    expect(markdown).toContain('Keep a copy **at every station**');
    expect(markdown).toContain('| Oster Lock | 4.12 m | radar | lock keeper |');
  });

  it('escapes text that looks like Markdown or HTML', async () => {
    const text = '<w:p><w:r><w:t>* not &lt;b&gt;bold&lt;/b&gt; # at all</w:t></w:r></w:p>';
    const { markdown } = await convertDocx(source(docx(DOCUMENT(text))));
    expect(markdown).toBe('\\* not \\<b>bold\\</b> # at all\n');
  });

  it('refuses a document type declaration', async () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>';
    const text = '<w:p><w:r><w:t>&a;</w:t></w:r></w:p>';
    await expect(convertDocx(source(docx(DOCUMENT(text, bomb))))).rejects.toEqual(
      withCode('corrupt'),
    );
  });
});
