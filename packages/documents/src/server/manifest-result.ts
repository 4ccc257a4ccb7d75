/**
 * What a conversion returns: a short summary, links to the Markdown, the manifest.
 *
 * Never the Markdown itself: a folder of documents would fill any context.
 *
 * @module
 */
import type { ContentBlock, ToolResult } from 'strom';
import type { Manifest } from '../jobs/manifest.ts';
import { documentLink } from './document-uri.ts';

/** Links and failures beyond these are in the manifest only. */
const MAX_LINKS = 100;
const MAX_FAILURES = 20;

/** Sums a job up for a model and for programs. */
export function manifestResult(manifest: Manifest): ToolResult {
  const written = manifest.documents.filter(({ output }) => output !== undefined);
  const links = written.slice(0, MAX_LINKS).map((document) => documentLink(manifest.job, document));
  const text: ContentBlock = { type: 'text', text: summaryOf(manifest, written.length) };
  return { content: [text, ...links], structuredContent: manifest };
}

function summaryOf(manifest: Manifest, written: number): string {
  const { total, converted, failed, skipped, milliseconds, documents } = manifest;
  const seconds = (milliseconds / 1000).toFixed(1);
  const unchanged = documents.filter(({ error }) => error?.code === 'unchanged').length;
  const others = { failed, 'skipped as unchanged': unchanged, skipped: skipped - unchanged };
  const counts = Object.entries(others).filter(([, count]) => count > 0);
  const rest = counts.map(([what, count]) => `; ${count} ${what}`).join('');
  const lines = [`Converted ${converted} of ${total} documents in ${seconds} s${rest}.`];
  const failures = manifest.documents.filter(({ status }) => status === 'failed');
  for (const { path, error } of failures.slice(0, MAX_FAILURES)) {
    lines.push(`- ${path}: ${error?.code}: ${error?.message}`);
  }
  if (failures.length > MAX_FAILURES) lines.push('- further failures are in the manifest');
  if (written > MAX_LINKS) lines.push(`The first ${MAX_LINKS} of ${written} results are linked.`);
  return lines.join('\n');
}
