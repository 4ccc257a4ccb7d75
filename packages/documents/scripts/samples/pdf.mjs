/** The PDF members of the archive, drawn with pdfkit. */
import PDFDocument from 'pdfkit';

const INK = '#1d2b36';
const RULE = '#8fa3b0';

function toBuffer(document) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    document.on('data', (chunk) => chunks.push(chunk));
    document.on('end', () => resolve(Buffer.concat(chunks)));
    document.on('error', reject);
    document.end();
  });
}

function newDocument(title, options = {}) {
  return new PDFDocument({
    size: 'A4',
    margins: { top: 90, bottom: 90, left: 72, right: 72 },
    info: { Title: title, Author: 'Lindmark River Survey', CreationDate: new Date('2025-01-15') },
    bufferPages: true,
    ...options,
  });
}

const heading = (document, text, size) =>
  document
    .moveDown(0.6)
    .font('Helvetica-Bold')
    .fontSize(size)
    .fillColor(INK)
    .text(text)
    .moveDown(0.4);

const prose = (document, text) =>
  document.font('Times-Roman').fontSize(11).fillColor(INK).text(text, { lineGap: 2 }).moveDown(0.7);

function bullets(document, items) {
  for (const item of items)
    document.font('Times-Roman').fontSize(11).text(`\u2022 ${item}`, { lineGap: 2 });
  document.moveDown(0.7);
}

function table(document, rows) {
  document.font('Helvetica').fontSize(9).fillColor(INK);
  document.table({ defaultStyle: { padding: 5, borderColor: RULE }, data: rows });
  document.moveDown(1);
}

function furnish(document, head) {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page);
    const { width, height, margins } = document.page;
    document.page.margins = { ...margins, top: 0, bottom: 0 };
    document.font('Helvetica').fontSize(8).fillColor(RULE);
    document.text(head, 72, 46, { width: width - 144, align: 'right', lineBreak: false });
    document.text(`Page ${page + 1} of ${count}`, 72, height - 56, {
      width: width - 144,
      align: 'center',
      lineBreak: false,
    });
    document.page.margins = margins;
  }
}

export function annualReportPdf() {
  const pdf = newDocument('Annual report 2024');
  pdf.moveDown(6).font('Helvetica-Bold').fontSize(28).fillColor(INK).text('Annual Report 2024');
  pdf.moveDown(0.3).font('Helvetica').fontSize(15).text('Lindmark River Survey');
  pdf.moveDown(3);
  prose(
    pdf,
    'Presented to the council on the fifteenth of January 2025 by Ilse Brandt, surveyor in charge, with measurements by Chidi Okafor and maps by Solveig Lund.',
  );
  prose(
    pdf,
    'This report covers the hydrological year from the first of November 2023 to the thirty-first of October 2024. Levels are given in centimetres above gauge zero, discharges in cubic metres per second.',
  );
  pdf.addPage();
  heading(pdf, '1 The year in short', 18);
  prose(
    pdf,
    'It was a wet year that began dry. The autumn rains came three weeks late, and until the middle of December the Great Aller ran lower than in any December since the gauge at Heron Weir was built. Then it rained for eleven days without a pause.',
  );
  prose(
    pdf,
    'The highest level of the year was read at Oster Lock on the fourth of January: 412 centimetres, the sixth highest in the series. No dyke was overtopped. The cellar of the survey was, by nine centimetres, and the green book was saved by Mr Okafor, who had taken it home to finish a crossword.',
  );
  heading(pdf, '1.1 Three figures to remember', 14);
  bullets(pdf, [
    'Mean discharge at Mill Bridge was 36.9 cubic metres per second, eight per cent above the long-term mean.',
    'The loggers recorded 99.2 per cent of all quarter-hour values, the best result so far.',
    'Two hundred and eleven visitors walked from Oster Lock to Heron Weir.',
  ]);
  heading(pdf, '2 Water levels', 18);
  prose(
    pdf,
    'The table gives the lowest, mean and highest level of each station. Values in the delta depend on the wind as much as on the river, and should be read with a wet finger in the air.',
  );
  table(pdf, [
    ['Station', 'Lowest', 'Mean', 'Highest', 'Date of highest'],
    ['Oster Lock', '96', '214', '412', '2024-01-04'],
    ['Mill Bridge', '88', '198', '377', '2024-01-04'],
    ['Heron Weir', '71', '176', '340', '2024-01-05'],
    ['Delta North', '54', '121', '263', '2024-02-10'],
  ]);
  pdf.addPage();
  heading(pdf, '3 The January flood', 18);
  prose(
    pdf,
    'The flood wave needed nineteen hours from Oster Lock to the delta, two hours less than the tables of 1954 say. The reason is probably the straightened reach below Mill Bridge, where the reeds were cut in October. We propose to leave every second reed bed standing.',
  );
  prose(
    pdf,
    'During the night of the third of January the telephone line to Heron Weir failed. Mrs Lund read the staff gauge every half hour with a torch and reported by bicycle. Her series has no gap and is the reason why the peak can be given to the centimetre.',
  );
  heading(pdf, '3.1 What we would do again', 14);
  bullets(pdf, [
    'Reading by hand whenever a logger is silent for more than an hour.',
    'Asking the lock keepers, who knew before everybody else.',
    'Keeping a bicycle at every station.',
  ]);
  heading(pdf, '3.2 What we would not do again', 14);
  prose(
    pdf,
    'Storing the spare batteries in the cellar. They now live on the shelf above the stove, which has been told to stay below forty degrees.',
  );
  pdf.addPage();
  heading(pdf, '4 Water quality', 18);
  prose(
    pdf,
    'Oxygen was good at all stations throughout the year. Nitrate in the delta fell for the third year running; the farmers along the Little Aller have widened the buffer strips and deserve a word of thanks, which is herewith given.',
  );
  table(pdf, [
    ['Station', 'pH', 'Oxygen (mg/l)', 'Nitrate (mg/l)'],
    ['Oster Lock', '7.8', '10.4', '2.1'],
    ['Mill Bridge', '7.7', '9.9', '2.6'],
    ['Delta North', '8.0', '9.2', '3.0'],
  ]);
  heading(pdf, '5 Money', 18);
  prose(
    pdf,
    'The survey spent 184,300 crowns, of which the new acoustic profiler took 61,000. The profiler measures in an hour what two people in a boat used to measure in a day. The boat has been kept, because the profiler cannot be rowed.',
  );
  pdf.addPage();
  heading(pdf, '6 Outlook', 18);
  prose(
    pdf,
    'In 2025 the gauge house at Delta North will get a new roof and a heron-proof aerial. The council is asked to decide on the reed beds in March, so that the contractors know before the nesting season.',
  );
  prose(
    pdf,
    'The archive is being turned into text that machines can search. The first document to go through was this report, and the machine has so far not complained about the handwriting in the green book, which it has not yet seen.',
  );
  furnish(pdf, 'Lindmark River Survey \u00b7 Annual Report 2024');
  return toBuffer(pdf);
}

export function councilMinutesPdf() {
  const pdf = newDocument('Minutes of the council, 14 March 2024');
  pdf.font('Helvetica-Bold').fontSize(20).fillColor(INK).text('Minutes of the survey council');
  pdf.moveDown(0.5);
  prose(
    pdf,
    'Held on Thursday, 14 March 2024, at seven in the evening, in the gauge house at Oster Lock. The stove was lit.',
  );
  table(pdf, [
    ['Present', 'Office', 'Vote'],
    ['Ingrid Halvorsen', 'Chair', 'yes'],
    ['Ilse Brandt', 'Surveyor in charge', 'no'],
    ['Chidi Okafor', 'Measurements', 'no'],
    ['Per Nygaard', 'Parish of Lindmark', 'yes'],
  ]);
  heading(pdf, 'Item 1: The loose rail at Mill Bridge', 14);
  prose(
    pdf,
    'Mrs Brandt reported that the rail on the upstream side is loose. Mr Nygaard said the parish had supposed that the red ribbon was a decoration. It was agreed to repair the rail before Easter and to keep the ribbon.',
  );
  heading(pdf, 'Item 2: Reed beds', 14);
  prose(
    pdf,
    'The council discussed whether every second reed bed should be left standing. The decision was put off until the flood wave of January has been computed again with the new profile.',
  );
  heading(pdf, 'Item 3: Any other business', 14);
  prose(
    pdf,
    'The long tape measure has been found. It had been lent to the school, and the school had written it in the green book, on the page that was under water.',
  );
  prose(pdf, 'The meeting closed at half past eight. Next meeting: 20 June 2024.');
  return toBuffer(pdf);
}

/** Really encrypted; the password is `high-water`. */
export function lockedReviewPdf() {
  const pdf = newDocument('Staff review', {
    pdfVersion: '1.7ext3',
    userPassword: 'high-water',
    ownerPassword: 'spring-tide',
    permissions: { copying: false },
  });
  heading(pdf, 'Staff review 2024', 18);
  prose(pdf, 'This page is nobody\u2019s business but that of the three people it is about.');
  return toBuffer(pdf);
}
