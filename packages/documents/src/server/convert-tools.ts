/**
 * `process_files` and `convert_folder`: documents to Markdown, reported live.
 *
 * @module
 */
import type { Context, Strom, ToolResult } from 'strom';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { type Job, newJobId } from '../jobs/job-store.ts';
import { type DocumentRecord, manifestSchema } from '../jobs/manifest.ts';
import { documentUri, JOBS_URI } from './document-uri.ts';
import { folderSchema } from './folder-schema.ts';
import { LiveReporter } from './live-reporter.ts';
import { manifestResult } from './manifest-result.ts';
import { refusePolitely } from './refuse-politely.ts';

/** Writes files, but only its own, and the same ones again when repeated. */
const ANNOTATIONS = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/**
 * The stream of a call shows more than a task does, and without a durable store a task is lost with
 * its process: then a call becomes one only when hosts would soon cut it off.
 */
const STREAM_FIRST = '30s';

/** Documents are parsed in processes of their own: hardly ever is it a job that ends the server. */
const MAX_ATTEMPTS = 100;

interface Conversion {
  readonly paths: readonly string[];
  readonly output?: string | undefined;
  readonly onlyChanged?: boolean;
  /** What is kept of the job, if it can be gone on with. */
  readonly begun?: BegunJob;
}

/** What a job goes on with in another process; what became of each document is kept beside it. */
const begunJobSchema = z.object({
  job: z.string(),
  startedAtMs: z.number(),
  paths: z.array(z.string()),
});

type BegunJob = z.infer<typeof begunJobSchema>;

/** Registers both tools. */
export function addConvertTools(strom: Strom, engine: Engine): void {
  const convert: Convert = (conversion, ctx) => convertLive({ strom, engine, ctx }, conversion);
  addProcessFiles(strom, engine.maxDocuments, convert);
  addConvertFolder(strom, engine, convert);
}

type Convert = (conversion: Conversion, ctx: Context) => Promise<ToolResult>;

function addConvertFolder(strom: Strom, engine: Engine, convert: Convert): void {
  const isDurable = strom.store?.isDurable === true;
  strom.tool(
    'convert_folder',
    {
      title: 'Convert a folder',
      description:
        'Converts every document of a folder and its sub-folders to Markdown and reports each one as it is done.',
      input: z.object({
        folder: folderSchema,
        output: z.string().max(1024).optional().describe('Sub-folder of the output folder'),
        onlyChanged: z
          .boolean()
          .default(true)
          .describe('Skip documents that are unchanged since they were last converted'),
      }),
      output: manifestSchema,
      annotations: ANNOTATIONS,
      task: {
        mode: 'optional',
        resumable: true,
        maxAttempts: MAX_ATTEMPTS,
        ...(!isDurable && { after: STREAM_FIRST }),
      },
    },
    ({ folder, output, onlyChanged }, ctx) =>
      refusePolitely(async () => {
        const begun = await beginJob(engine, folder, ctx);
        return convert({ paths: begun.paths, output, onlyChanged, begun }, ctx);
      }),
  );
}

/** The job as an earlier process has begun it, or a new one of what the folder holds now. */
async function beginJob(engine: Engine, folder: string, ctx: Context): Promise<BegunJob> {
  const before = begunJobSchema.safeParse(ctx.resumed);
  if (before.success) return before.data;
  const listed = await engine.list(folder, ctx.signal);
  const paths = listed.map(({ path }) => path);
  const begun = { job: newJobId(), startedAtMs: Date.now(), paths };
  await ctx.checkpoint(begun);
  return begun;
}

function addProcessFiles(strom: Strom, maxDocuments: number, convert: Convert): void {
  strom.tool(
    'process_files',
    {
      title: 'Convert documents',
      description:
        'Converts the named documents to Markdown, one after another, and reports each one as it is done.',
      input: z.object({
        paths: z
          .array(z.string().max(4096))
          .min(1)
          .max(maxDocuments)
          .describe('Documents relative to the root, as scan lists them'),
      }),
      output: manifestSchema,
      annotations: ANNOTATIONS,
    },
    ({ paths }, ctx) => refusePolitely(() => convert({ paths }, ctx)),
  );
}

interface LiveCall {
  readonly strom: Strom;
  readonly engine: Engine;
  readonly ctx: Context;
}

async function convertLive(
  { strom, engine, ctx }: LiveCall,
  { paths, output, onlyChanged = false, begun }: Conversion,
): Promise<ToolResult> {
  const reporter = new LiveReporter(ctx, paths.length);
  const manifest = await engine.convert({
    paths,
    onlyChanged,
    signal: ctx.signal,
    owner: ctx.principal.id,
    ...(output !== undefined && { output }),
    ...(begun && {
      job: begun.job,
      remember: (path: string, work: () => Promise<DocumentRecord>) => ctx.step(path, work),
    }),
    async onDocument(record, job) {
      await reporter.onDocument(record, job.documents.length);
      announce(strom, job, record);
    },
    onPage: (page, index) => reporter.onPage(page, index + 1),
  });
  await reporter.onComplete();
  if (begun === undefined) return manifestResult(manifest);
  // The time of all attempts together.
  return manifestResult({ ...manifest, milliseconds: Math.max(0, Date.now() - begun.startedAtMs) });
}

/** Tells those who watch the job list or the document that there is something new to read. */
function announce(strom: Strom, job: Job, { output, path }: DocumentRecord): void {
  strom.notify.resourceUpdated(JOBS_URI);
  if (output !== undefined) strom.notify.resourceUpdated(documentUri(job.id, path));
}
