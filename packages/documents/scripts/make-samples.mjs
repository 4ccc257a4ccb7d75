/**
 * Makes the sample archive: the papers of a small, invented river survey.
 *
 * Run with `npm run samples -w packages/documents`. Every text is original.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { yearbookEpub } from './samples/epub.mjs';
import { annualReportPdf, councilMinutesPdf, lockedReviewPdf } from './samples/pdf.mjs';
import { lecturePptx } from './samples/pptx.mjs';
import {
  aboutMarkdown,
  fieldNotesText,
  germanCsv,
  soundingsCsv,
  stationsJson,
  visitorHtml,
  waterQualityTsv,
} from './samples/texts.mjs';
import { damagedDocx, handbookDocx, minutesDocx } from './samples/word.mjs';
import { dischargeXlsx } from './samples/workbook.mjs';

const samples = join(import.meta.dirname, '..', 'samples');

const files = {
  'about-the-archive.md': aboutMarkdown,
  'annual-report-2024.pdf': annualReportPdf,
  'books/a-year-on-the-aller.epub': yearbookEpub,
  'confidential/flood-plan-damaged.docx': damagedDocx,
  'confidential/staff-review-locked.pdf': lockedReviewPdf,
  'discharge-2024.xlsx': dischargeXlsx,
  'field-notes-march.txt': fieldNotesText,
  'gauge-handbook.docx': handbookDocx,
  'measurements/bridge-soundings.csv': soundingsCsv,
  'measurements/pegelstaende-latin1.csv': germanCsv,
  'measurements/water-quality.tsv': waterQualityTsv,
  'minutes/2024-03-14-council.pdf': councilMinutesPdf,
  'minutes/2024-06-20-council.docx': minutesDocx,
  'public-lecture.pptx': lecturePptx,
  'stations.json': stationsJson,
  'visitor-guide.html': visitorHtml,
};

await rm(samples, { recursive: true, force: true });
for (const [name, make] of Object.entries(files)) {
  const path = join(samples, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await make());
}
