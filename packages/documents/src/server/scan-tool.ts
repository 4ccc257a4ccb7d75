/**
 * `scan`: what a folder holds, before anything is converted.
 *
 * @module
 */
import type { Strom, ToolResult } from 'strom';
import { z } from 'zod';
import type { Engine } from '../engine.ts';
import { FORMATS } from '../formats/format.ts';
import type { ListedDocument } from '../roots/list-documents.ts';
import { folderSchema } from './folder-schema.ts';
import { refusePolitely } from './refuse-politely.ts';

const count = z.int().nonnegative();

const scanSchema = z.object({
  folder: z.string(),
  total: count,
  bytes: count,
  formats: z
    .record(z.string(), z.object({ documents: count, bytes: count }))
    .describe('Counts per format; `other` cannot be converted'),
  documents: z.array(
    z.object({
      path: z.string().describe('Give this to process_files'),
      bytes: count,
      format: z.enum(FORMATS).optional(),
    }),
  ),
});

type Scan = z.infer<typeof scanSchema>;

/** Registers the tool. */
export function addScanTool(strom: Strom, engine: Engine): void {
  strom.tool(
    'scan',
    {
      title: 'Scan a folder',
      description:
        'Lists the documents of a folder and its sub-folders with format and size. Converts nothing.',
      input: z.object({ folder: folderSchema }),
      output: scanSchema,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    ({ folder }, ctx) =>
      refusePolitely(async () => scanResult(folder, await engine.list(folder, ctx.signal))),
  );
}

function scanResult(folder: string, listed: ListedDocument[]): ToolResult {
  const scan: Scan = {
    folder,
    total: listed.length,
    bytes: listed.reduce((sum, { bytes }) => sum + bytes, 0),
    formats: countFormats(listed),
    documents: listed,
  };
  const lines = Object.entries(scan.formats).map(
    ([format, { documents, bytes }]) => `- ${format}: ${documents} (${bytes} bytes)`,
  );
  const head = `${scan.total} documents, ${scan.bytes} bytes${lines.length === 0 ? '.' : ':'}`;
  return {
    content: [{ type: 'text', text: [head, ...lines].join('\n') }],
    structuredContent: scan,
  };
}

function countFormats(listed: readonly ListedDocument[]): Scan['formats'] {
  const formats: Scan['formats'] = {};
  for (const { format = 'other', bytes } of listed) {
    const counted = formats[format] ?? { documents: 0, bytes: 0 };
    formats[format] = { documents: counted.documents + 1, bytes: counted.bytes + bytes };
  }
  return formats;
}
