/** A PDF written by hand, object by object; without an xref table, as many broken writers leave it. */
export function rawPdf(objects: readonly string[]): Buffer {
  const body = objects.map((text, index) => `${index + 1} 0 obj${text}endobj`);
  return Buffer.from(['%PDF-1.7', ...body, 'trailer<</Root 1 0 R>>', '%%EOF', ''].join('\n'));
}

const TEXT = 'BT /F1 12 Tf 20 200 Td (the water stood high) Tj ET';
export const PAGE = `<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>`;
export const CONTENT = `<</Length ${TEXT.length}>>stream\n${TEXT}\nendstream `;

/** PDFs that must fail, by name. */
export const HOSTILE_PDFS: Readonly<Record<string, Buffer>> = {
  'loop-in-page-tree.pdf': rawPdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>',
  ]),
  'same-page-many-times.pdf': rawPdf([
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Kids[${'3 0 R '.repeat(100_000)}]/Count 100000>>`,
    PAGE,
    CONTENT,
  ]),
  'no-pages.pdf': rawPdf(['<</Type/Catalog>>']),
};
