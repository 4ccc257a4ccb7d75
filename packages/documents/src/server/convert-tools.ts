/**
 * `process_files` and `convert_folder`: documents to Markdown, reported live.
 *
 * @module
 */
import type { Context, Strom, ToolResult } from 'strom';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import type { Job } from '../jobs/job-store.ts';
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

interface Conversion {
  readonly paths: readonly string[];
  readonly output?: string | undefined;
  readonly onlyChanged?: boolean;
}

/** Registers both tools. */
export function addConvertTools(strom: Strom, engine: Engine): void {
  const convert = (conversion: Conversion, ctx: Context): Promise<ToolResult> =>
    convertLive({ strom, engine, ctx }, conversion);
  addProcessFiles(strom, engine.maxDocuments, convert);
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
          .default(false)
          .describe('Skip documents that are unchanged since they were last converted'),
      }),
      output: manifestSchema,
      annotations: ANNOTATIONS,
    },
    ({ folder, output, onlyChanged }, ctx) =>
      refusePolitely(async () => {
        const listed = await engine.list(folder, ctx.signal);
        return convert({ paths: listed.map(({ path }) => path), output, onlyChanged }, ctx);
      }),
  );
}

function addProcessFiles(
  strom: Strom,
  maxDocuments: number,
  convert: (conversion: Conversion, ctx: Context) => Promise<ToolResult>,
): void {
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
  { paths, output, onlyChanged = false }: Conversion,
): Promise<ToolResult> {
  const reporter = new LiveReporter(ctx, paths.length);
  const manifest = await engine.convert({
    paths,
    onlyChanged,
    signal: ctx.signal,
    owner: ctx.principal.id,
    ...(output !== undefined && { output }),
    async onDocument(record, job) {
      await reporter.onDocument(record, job.documents.length);
      announce(strom, job, record);
    },
    onPage: (page, index) => reporter.onPage(page, index + 1),
  });
  await reporter.onComplete();
  return manifestResult(manifest);
}

/** Tells those who watch the job list or the document that there is something new to read. */
function announce(strom: Strom, job: Job, { output, path }: DocumentRecord): void {
  strom.notify.resourceUpdated(JOBS_URI);
  if (output !== undefined) strom.notify.resourceUpdated(documentUri(job.id, path));
}
