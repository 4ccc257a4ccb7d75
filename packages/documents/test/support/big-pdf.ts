import PDFDocument from 'pdfkit';

/** A real PDF of many pages of text, drawn in the test. */
export async function bigPdf(pages: number): Promise<Buffer> {
  const pdf = new PDFDocument({ size: 'A4', autoFirstPage: false });
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => pdf.once('end', resolve));
  for (let page = 1; page <= pages; page += 1) {
    pdf.addPage();
    pdf.fontSize(20).text(`Chapter ${page}`).fontSize(11);
    for (let line = 1; line <= 40; line += 1) {
      pdf.text(`Line ${line} of page ${page}: the water stood at ${page * line} centimetres.`);
    }
  }
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}
