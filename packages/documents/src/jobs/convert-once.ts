import { ConvertError } from '../base/convert-error.ts';
import { type ConvertContext, convertOne } from './convert-one.ts';
import type { DocumentRecord } from './manifest.ts';

/** Keeps what a piece of work returned, and returns it instead of doing the work again. */
type Remember = (path: string, work: () => Promise<DocumentRecord>) => Promise<DocumentRecord>;

interface Converted {
  readonly record: DocumentRecord;
  /** Whether the document was converted now, and not by an earlier process. */
  readonly isNew: boolean;
}

/** Converts one document, unless what became of it is remembered; see {@link convertOne}. */
export async function convertOnce(
  path: string,
  context: ConvertContext,
  remember?: Remember,
): Promise<Converted> {
  if (remember === undefined || context.signal.aborted) {
    return { record: await convertOne(path, context), isNew: true };
  }
  let record: DocumentRecord | undefined;
  const work = async (): Promise<DocumentRecord> => {
    record = await convertOne(path, context);
    // Whoever goes on with the job has to do this document: it must not count as done.
    if (isCutShort(record)) throw new ConvertError('cancelled');
    return record;
  };
  try {
    const kept = await remember(path, work);
    return { record: record ?? kept, isNew: record !== undefined };
  } catch (error) {
    if (!context.signal.aborted) throw error;
    return { record: record ?? (await convertOne(path, context)), isNew: true };
  }
}

function isCutShort({ error }: DocumentRecord): boolean {
  return error?.code === 'cancelled';
}
