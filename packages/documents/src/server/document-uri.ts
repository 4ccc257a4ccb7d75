/**
 * Addresses of converted documents: `doc://<job>/<path of the document>`.
 *
 * @module
 */
import type { ContentBlock, Resource } from 'strom';
import type { DocumentRecord } from '../jobs/manifest.ts';

export const DOCUMENT_TEMPLATE = 'doc://{job}/{+path}';
export const JOBS_URI = 'doc://jobs';
export const MARKDOWN_TYPE = 'text/markdown';

/** The address of one converted document. */
export function documentUri(job: string, path: string): string {
  return `doc://${job}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The resource a converted document is listed as. */
export function documentResource(job: string, { path, bytes }: DocumentRecord): Resource {
  const description = bytes === undefined ? {} : { description: `Markdown of ${bytes} bytes` };
  return { uri: documentUri(job, path), name: path, mimeType: MARKDOWN_TYPE, ...description };
}

/** The link a result carries instead of the Markdown itself. */
export function documentLink(job: string, { path }: DocumentRecord): ContentBlock {
  const uri = documentUri(job, path);
  return { type: 'resource_link', uri, name: path, mimeType: MARKDOWN_TYPE };
}
