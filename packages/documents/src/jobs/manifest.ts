/**
 * What happened to every document of one call.
 *
 * @module
 */
import { z } from 'zod';
import { FAILURE_TEXTS, type FailureCode } from '../base/convert-error.ts';
import { FORMATS } from '../formats/format.ts';

const codes = Object.keys(FAILURE_TEXTS) as [FailureCode, ...FailureCode[]];
const count = z.int().nonnegative();

export const documentRecordSchema = z.object({
  path: z.string().describe('Path relative to the root, as scan lists it'),
  status: z.enum(['converted', 'failed', 'skipped']),
  format: z.enum(FORMATS).optional(),
  bytes: count.optional().describe('Size of the document'),
  pages: count.optional().describe('Pages, slides, sheets or chapters'),
  milliseconds: count.describe('Time from opening the document to writing its Markdown'),
  sha256: z.string().optional().describe('Hash of the document, where all of it was read'),
  output: z.string().optional().describe('Markdown file, relative to the output folder'),
  error: z
    .object({ code: z.enum(codes), message: z.string() })
    .optional()
    .describe('Why it was not converted'),
});

export const manifestSchema = z.object({
  job: z.string().describe('Names this job in doc:// addresses'),
  total: count,
  converted: count,
  failed: count,
  skipped: count,
  milliseconds: count,
  documents: z.array(documentRecordSchema),
});

export type DocumentRecord = z.infer<typeof documentRecordSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** Sums up the records of a job. */
export function createManifest(
  { id, documents }: { id: string; documents: DocumentRecord[] },
  milliseconds: number,
): Manifest {
  const countOf = (status: DocumentRecord['status']): number =>
    documents.filter((document) => document.status === status).length;
  return {
    job: id,
    total: documents.length,
    converted: countOf('converted'),
    failed: countOf('failed'),
    skipped: countOf('skipped'),
    milliseconds,
    documents,
  };
}
