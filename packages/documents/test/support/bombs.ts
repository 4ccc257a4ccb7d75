import { deflateSync } from 'node:zlib';
import { rawZip } from './raw-zip.ts';

const MIB = 1024 * 1024;

/** A DOCX of a few kilobytes whose text would inflate to hundreds of megabytes. */
export function docxBomb(): Buffer {
  return rawZip([
    { name: '[Content_Types].xml', content: Buffer.from('<Types/>') },
    { name: 'word/document.xml', content: Buffer.alloc(200 * MIB, 'a') },
  ]);
}

/** A PDF whose one page inflates, twice over, to `mebibytes` of text operators. */
export function pdfBomb(mebibytes: number): Buffer {
  const operators = Buffer.from('BT /F1 9 Tf (the water stood high) Tj ET\n');
  const text = Buffer.alloc(mebibytes * MIB, operators);
  const content = deflateSync(deflateSync(text));
  const head = Buffer.from(
    [
      '%PDF-1.4',
      '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
      '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
      '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj',
      `4 0 obj<</Length ${content.length}/Filter[/FlateDecode/FlateDecode]>>stream\n`,
    ].join('\n'),
  );
  const tail = Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
  return Buffer.concat([head, content, tail]);
}
