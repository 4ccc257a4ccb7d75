/**
 * The conversion engine: roots, worker pool, output folder and jobs together.
 *
 * Knows nothing of MCP; whoever wants to report progress passes callbacks.
 *
 * ```
 * paths -> roots (opened file) -> worker process -> output folder -> manifest
 * ```
 *
 * @module
 */
import { posix } from 'node:path';
import { completeLimits, type Limits } from './base/limits.ts';
import { convertOnce } from './jobs/convert-once.ts';
import type { ConvertContext } from './jobs/convert-one.ts';
import { type Job, JobStore } from './jobs/job-store.ts';
import { type Ledger, readLedger, writeLedger } from './jobs/ledger.ts';
import { createManifest, type DocumentRecord, type Manifest } from './jobs/manifest.ts';
import { checkSubfolder, type OutputFolder, openOutputFolder } from './jobs/output-folder.ts';
import { type ListedDocument, listDocuments } from './roots/list-documents.ts';
import { createRootSet, type RootSet } from './roots/root-set.ts';
import { WorkerPool } from './workers/worker-pool.ts';

export interface EngineOptions {
  /** Folders documents may be read from; nothing outside is ever opened. */
  readonly roots: readonly string[];
  /** Folder the Markdown is written to; created if missing. */
  readonly output: string;
  /** Bounds per document; see {@link Limits} for units and defaults. */
  readonly limits?: Partial<Limits>;
  /** Conversion processes at a time. Default 2. */
  readonly workers?: number;
  /** Most documents one call may list or convert. Default 1,000. */
  readonly maxDocuments?: number;
}

export interface ConvertRequest {
  readonly paths: readonly string[];
  /** Sub-folder of the output folder. Default: the folder itself. */
  readonly output?: string;
  /** Skips documents whose bytes and Markdown are still those of an earlier run. */
  readonly onlyChanged?: boolean;
  readonly signal?: AbortSignal;
  /** Whose job it is; only they can read it again. Default `local`. */
  readonly owner?: string;
  /** Goes on with a job that an earlier process has begun, under its name. Default: a new job. */
  readonly job?: string;
  /**
   * Does the work and keeps the record beyond the end of this process; gives back what was kept of
   * the same path instead. Records of documents that were cut short never get here. Default: does the
   * work.
   */
  remember?(path: string, work: () => Promise<DocumentRecord>): Promise<DocumentRecord>;
  /**
   * Awaited before the next document is touched; the record is the last one of the job. Documents
   * that an earlier process has done are not told again.
   */
  onDocument?(record: DocumentRecord, job: Job): Promise<void> | void;
  /** Called while a long document is in work; `index` counts from 0. */
  onPage?(page: PageProgress, index: number): void;
}

export interface PageProgress {
  readonly path: string;
  readonly page: number;
  readonly total: number;
}

const DEFAULT_OWNER = 'local';
const DEFAULT_MAX_DOCUMENTS = 1_000;

export class Engine implements AsyncDisposable {
  readonly jobs = new JobStore();
  readonly maxDocuments: number;
  readonly #roots: RootSet;
  readonly #output: OutputFolder;
  readonly #pool: WorkerPool;
  readonly #limits: Limits;

  /** Use {@link createEngine}. */
  constructor(roots: RootSet, output: OutputFolder, options: EngineOptions) {
    this.#roots = roots;
    this.#output = output;
    this.#limits = completeLimits(options.limits);
    this.maxDocuments = options.maxDocuments ?? DEFAULT_MAX_DOCUMENTS;
    this.#pool = new WorkerPool({
      ...(options.workers !== undefined && { size: options.workers }),
      memoryBytes: this.#limits.memoryBytes,
    });
  }

  /** Process ids of the conversion processes. */
  get workerPids(): number[] {
    return this.#pool.pids;
  }

  /**
   * Lists the documents of a folder without opening one.
   *
   * @throws {ConvertError} `not_found` or `too_large`
   */
  list(folder: string, signal?: AbortSignal): Promise<ListedDocument[]> {
    return listDocuments(this.#roots, {
      folder,
      maxDocuments: this.maxDocuments,
      exclude: this.#output.folder,
      ...(signal && { signal }),
    });
  }

  /**
   * Converts documents one after another; failures are part of the manifest.
   *
   * After an abort the document in work and all that follow are `skipped`.
   *
   * @throws {ConvertError} `not_found` if the name of the output sub-folder is refused
   */
  async convert(request: ConvertRequest): Promise<Manifest> {
    const started = performance.now();
    const subfolder = checkSubfolder(request.output ?? '');
    const ledger = await readLedger(this.#output, subfolder);
    const owner = request.owner ?? DEFAULT_OWNER;
    const job = this.jobs.open(owner, request.paths.length, request.job);
    const folders = new Set(request.paths.map((path) => posix.dirname(path)).concat('.'));
    await this.#output.tidy([...folders].map((folder) => posix.join(subfolder, folder)));
    try {
      for (const [index, path] of request.paths.entries()) {
        const context = this.#context({ request, ledger, subfolder, index, id: job.id });
        const { record, isNew } = await convertOnce(path, context, request.remember);
        job.documents.push(record);
        if (isNew && !context.signal.aborted) await request.onDocument?.(record, job);
      }
    } finally {
      job.isRunning = false;
      await this.#saveLedger(subfolder, job);
    }
    return createManifest(job, Math.round(performance.now() - started));
  }

  /** The Markdown of one document of a job, or `undefined` if there is none. */
  async readMarkdown({ documents }: Job, path: string): Promise<Buffer | undefined> {
    const output = documents.find((document) => document.path === path)?.output;
    return output === undefined ? undefined : this.#output.read(output);
  }

  /** Ends every conversion and waits until no process is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  /** Never rejects: it is a cache, and the documents are done even if it cannot be written. */
  async #saveLedger(subfolder: string, job: Job): Promise<void> {
    // Read once more: another job may have written to the same folder meanwhile.
    const ledger = await readLedger(this.#output, subfolder);
    const merged = mergeLedger(ledger, job);
    await writeLedger(this.#output, subfolder, merged).catch(() => undefined);
  }

  #context(job: {
    request: ConvertRequest;
    ledger: Ledger;
    subfolder: string;
    index: number;
    id: string;
  }): ConvertContext {
    const { request, ledger, subfolder, index, id } = job;
    return {
      job: id,
      roots: this.#roots,
      pool: this.#pool,
      output: this.#output,
      subfolder,
      limits: this.#limits,
      signal: request.signal ?? new AbortController().signal,
      previous: (path) => (request.onlyChanged ? ledger.get(path) : undefined),
      onPage: (path, page, total) => request.onPage?.({ path, page, total }, index),
    };
  }
}

/**
 * Opens the roots and the output folder; processes start with the first document.
 *
 * @throws {TypeError} if a root is no folder or a limit is no limit
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const roots = await createRootSet(options.roots);
  return new Engine(roots, await openOutputFolder(options.output), options);
}

function mergeLedger(ledger: Ledger, { id, documents }: Job): Ledger {
  const merged = new Map(ledger);
  for (const record of documents) {
    if (record.status === 'converted') merged.set(record.path, { ...record, job: id });
  }
  return merged;
}
