import path from 'node:path';
import { createDocumentsServer, type Manifest } from '@strom/documents';
import { connect } from 'strom/client';
import type { View } from './view.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SAMPLES = path.join(ROOT, 'packages/documents/samples');
const OUTPUT = path.join(ROOT, 'out/demo');

/**
 * Starts the documents server on this machine, connects a client over HTTP, and converts the samples
 * while the view shows every notification.
 *
 * @throws what the client throws when the call does not end with a result
 */
export async function runDemo(view: View, signal?: AbortSignal): Promise<Manifest> {
  await using server = await createDocumentsServer({ roots: [SAMPLES], output: OUTPUT });
  const running = await server.strom.run({ port: 0, handleSignals: false });
  try {
    await using client = await connect(String(running.url));
    const scan = await client.call('scan');
    const { documents } = scan.structuredContent as { documents: { path: string }[] };
    view.title(`${documents.length} documents at ${running.url}`);
    const paths = documents.map((document) => document.path);
    const options = signal === undefined ? {} : { signal };
    for await (const event of client.stream('process_files', { paths }, options)) {
      view.event(event);
      if (event.kind === 'result') return event.result.structuredContent as unknown as Manifest;
    }
    throw new Error('the call ended without a result');
  } finally {
    view.end();
    await running.close();
  }
}

/** What happened, for people. */
export function summaryOf(manifest: Manifest): string {
  const { total, converted, failed, skipped, milliseconds } = manifest;
  const seconds = (milliseconds / 1000).toFixed(1);
  const lines = [
    `${total} documents in ${seconds} s: ${converted} converted, ${failed} failed, ${skipped} skipped`,
  ];
  for (const { path: name, error } of manifest.documents) {
    if (error !== undefined) lines.push(`  ${name}: ${error.message}`);
  }
  lines.push(`Markdown in ${path.relative(process.cwd(), OUTPUT) || '.'}`);
  return lines.join('\n');
}
