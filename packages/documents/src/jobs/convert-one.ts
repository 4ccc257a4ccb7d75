/**
 * One document from its path to its Markdown file.
 *
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import { posix } from 'node:path';
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { formatOfName } from '../formats/format.ts';
import { type OpenDocument, openDocument } from '../roots/open-document.ts';
import type { RootSet } from '../roots/root-set.ts';
import { CHUNK_BYTES } from '../workers/worker-messages.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { LedgerEntry } from './ledger.ts';
import type { DocumentRecord } from './manifest.ts';
import type { OutputFolder } from './output-folder.ts';
import { outputName } from './output-name.ts';

/** What a conversion works with; the same for every document of a job. */
export interface ConvertContext {
  readonly roots: RootSet;
  readonly pool: WorkerPool;
  readonly output: OutputFolder;
  /** Sub-folder of the output folder, `''` for the folder itself. */
  readonly subfolder: string;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** The name of the job. */
  readonly job: string;
  /** What is known of a document, if unchanged documents are to be skipped. */
  readonly previous: (path: string) => LedgerEntry | undefined;
  readonly onPage: (path: string, page: number, total: number) => void;
}

/** Converts one document; never throws, a failure is part of the record. */
export async function convertOne(path: string, context: ConvertContext): Promise<DocumentRecord> {
  const started = performance.now();
  const record: DocumentRecord = { path, status: 'failed', milliseconds: 0 };
  const promised = formatOfName(path);
  if (promised) record.format = promised;
  try {
    await fillRecord(record, context);
  } catch (error) {
    const failure = error instanceof ConvertError ? error : new ConvertError('worker_crashed');
    record.status = failure.code === 'cancelled' ? 'skipped' : 'failed';
    record.error = { code: failure.code, message: failure.message };
  }
  record.milliseconds = Math.round(performance.now() - started);
  return record;
}

async function fillRecord(record: DocumentRecord, context: ConvertContext): Promise<void> {
  if (context.signal.aborted) throw new ConvertError('cancelled');
  const rooted = context.roots.resolve(record.path);
  record.path = rooted.path;
  const document = await openDocument(rooted);
  try {
    record.bytes = document.bytes;
    if (document.bytes > context.limits.maxInputBytes) {
      throw new ConvertError('too_large', 'The file is larger than the limit.');
    }
    if (await isUnchanged(record, document, context)) markUnchanged(record, context);
    else await convertInto(record, document, context);
  } finally {
    await document[Symbol.asyncDispose]();
  }
}

async function convertInto(
  record: DocumentRecord,
  document: OpenDocument,
  context: ConvertContext,
): Promise<void> {
  const hash = createHash('sha256');
  const answer = await context.pool.convert({
    name: posix.basename(record.path),
    source: hashed(document.read(CHUNK_BYTES, context.limits.maxInputBytes), hash),
    limits: context.limits,
    signal: context.signal,
    onPage: (page, total) => context.onPage(record.path, page, total),
  });
  record.sha256 = hash.digest('hex');
  if (answer.format) record.format = answer.format;
  if (answer.kind === 'failed') throw new ConvertError(answer.code, answer.message);
  if (answer.markdown.byteLength > context.limits.maxMarkdownBytes) {
    throw new ConvertError('too_large');
  }
  const output = posix.join(context.subfolder, outputName(record.path));
  await context.output.write(output, answer.markdown);
  if (answer.pages !== undefined) record.pages = answer.pages;
  record.output = output;
  record.status = 'converted';
}

async function* hashed(pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

/** Compares the whole file with what was converted before, and looks for its Markdown. */
async function isUnchanged(
  record: DocumentRecord,
  document: OpenDocument,
  context: ConvertContext,
): Promise<boolean> {
  const previous = context.previous(record.path);
  if (!previous?.output || !previous.sha256 || previous.bytes !== record.bytes) return false;
  if ((await context.output.read(previous.output)) === undefined) return false;
  const hash = createHash('sha256');
  for await (const piece of document.read(CHUNK_BYTES, context.limits.maxInputBytes)) {
    hash.update(piece);
  }
  return hash.digest('hex') === previous.sha256;
}

function markUnchanged(record: DocumentRecord, context: ConvertContext): void {
  const { job, ...previous } = context.previous(record.path) ?? {};
  Object.assign(record, previous);
  // An earlier process has converted it for this very job, and was stopped before it could say so.
  if (job === context.job) return;
  const { code, message } = new ConvertError('unchanged');
  Object.assign(record, { status: 'skipped', error: { code, message } });
}
