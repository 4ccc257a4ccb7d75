/**
 * Remembers across runs which documents were converted, by hash.
 *
 * Kept as a hidden file beside the Markdown. It is a cache: a lost or damaged
 * ledger costs time, never a document.
 *
 * @module
 */
import { posix } from 'node:path';
import { z } from 'zod';
import { documentRecordSchema } from './manifest.ts';
import type { OutputFolder } from './output-folder.ts';

const FILE_NAME = '.strom-documents.json';
/** Raised when converters change enough that old Markdown should not be kept. */
const VERSION = 1;
const entrySchema = documentRecordSchema.extend({
  job: z.string().optional().describe('The job that converted it'),
});
const ledgerSchema = z.object({
  version: z.literal(VERSION),
  documents: z.array(entrySchema),
});

export type LedgerEntry = z.infer<typeof entrySchema>;
export type Ledger = ReadonlyMap<string, LedgerEntry>;

/** Reads what earlier runs converted into a sub-folder. */
export async function readLedger(output: OutputFolder, subfolder: string): Promise<Ledger> {
  const file = await output.read(posix.join(subfolder, FILE_NAME));
  const ledger = ledgerSchema.safeParse(file && parseOrUndefined(file.toString('utf8')));
  if (!ledger.success) return new Map();
  return new Map(ledger.data.documents.map((record) => [record.path, record]));
}

/** Adds the converted documents of a run; the others keep what is known of them. */
export async function writeLedger(
  output: OutputFolder,
  subfolder: string,
  ledger: Ledger,
): Promise<void> {
  const documents = [...ledger.values()];
  const text = JSON.stringify({ version: VERSION, documents });
  await output.write(posix.join(subfolder, FILE_NAME), Buffer.from(text));
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Cut short or edited by hand: everything is converted again.
    return undefined;
  }
}
