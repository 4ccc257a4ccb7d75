/**
 * Converted documents as resources, readable as soon as each is done.
 *
 * @module
 */
import type { Resource, Strom } from 'strom';
import type { Engine } from '../engine.ts';
import type { Job } from '../jobs/job-store.ts';
import { DOCUMENT_TEMPLATE, documentResource, JOBS_URI, MARKDOWN_TYPE } from './document-uri.ts';

/** A list nobody reads to its end; older results stay readable by their address. */
const MAX_LISTED = 1_000;
/** A resource is read whole; what is longer is cut at a line and says so. */
const MAX_RESOURCE_BYTES = 1024 * 1024;

/** Registers the list of jobs and the documents of each. */
export function addDocumentResources(strom: Strom, engine: Engine): void {
  strom.resource(
    JOBS_URI,
    {
      name: 'jobs',
      title: 'Conversion jobs',
      description: 'The latest jobs with their documents, newest first; running ones included',
      mimeType: 'application/json',
    },
    (_uri, { principal }) => JSON.stringify({ jobs: engine.jobs.list(principal.id).map(shown) }),
  );
  strom.resourceTemplate(
    DOCUMENT_TEMPLATE,
    {
      name: 'document',
      title: 'Converted document',
      description: 'The Markdown of one document of a job',
      mimeType: MARKDOWN_TYPE,
      list: ({ principal }) => listDocuments(engine.jobs.list(principal.id)),
    },
    async (_uri, { job: id = '', path = '' }, { principal }) => {
      const job = engine.jobs.get(id, principal.id);
      const markdown = job && (await engine.readMarkdown(job, path));
      return markdown === undefined ? undefined : shorten(markdown);
    },
  );
}

/** What a client is shown of its own job. */
function shown({ owner: _, ...job }: Job): Omit<Job, 'owner'> {
  return job;
}

function listDocuments(jobs: readonly Job[]): Resource[] {
  const resources: Resource[] = [];
  for (const job of jobs) {
    for (const document of job.documents) {
      if (document.output !== undefined) resources.push(documentResource(job.id, document));
      if (resources.length === MAX_LISTED) return resources;
    }
  }
  return resources;
}

function shorten(markdown: Buffer): string {
  if (markdown.length <= MAX_RESOURCE_BYTES) return markdown.toString('utf8');
  const end = markdown.lastIndexOf('\n', MAX_RESOURCE_BYTES) + 1 || MAX_RESOURCE_BYTES;
  const note = `_Cut after ${end} of ${markdown.length} bytes; the file holds all of it._`;
  return `${markdown.toString('utf8', 0, end)}\n${note}\n`;
}
