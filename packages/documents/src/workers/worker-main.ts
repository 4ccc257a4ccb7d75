/**
 * The conversion process: bytes in, Markdown out, nothing else.
 *
 * Started by {@link launchWorker} without rights to write files or start
 * processes. It lives as long as the channel to its parent does.
 *
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { convertDocument, FormatFailure } from '../formats/convert.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

interface Job {
  readonly name: string;
  readonly limits: Limits;
  readonly chunks: Uint8Array[];
}

let job: Job | undefined;

process.on('disconnect', () => process.exit());
// A terminal and a service manager signal the whole group; the parent decides what becomes of a
// document, and kills when it is to end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('message', (request: WorkerRequest) => {
  if (request.kind === 'start') job = { name: request.name, limits: request.limits, chunks: [] };
  else if (request.kind === 'chunk') job?.chunks.push(request.data);
  else if (job) {
    const current = job;
    job = undefined;
    void run(current).then(reply);
  }
});

async function run({ name, limits, chunks }: Job): Promise<WorkerReply> {
  try {
    const { markdown, format, pages } = await convertDocument({
      bytes: Buffer.concat(chunks),
      name,
      limits,
      onPage: (page, total) => reply({ kind: 'page', page, total }),
    });
    const done = { kind: 'done', format, markdown: Buffer.from(markdown) } as const;
    return { ...done, ...(pages !== undefined && { pages }), rssBytes: rssBytes() };
  } catch (error) {
    return failureReply(error);
  }
}

function failureReply(error: unknown): WorkerReply {
  const format = error instanceof FormatFailure ? error.format : undefined;
  const failure = error instanceof FormatFailure ? error.failure : error;
  const { code, message } =
    failure instanceof ConvertError ? failure : new ConvertError('corrupt', undefined);
  return { kind: 'failed', code, message, ...(format && { format }), rssBytes: rssBytes() };
}

function rssBytes(): number {
  return process.memoryUsage.rss();
}

/** Resolves once the message is on its way, so that a busy converter cannot hold it back. */
function reply(message: WorkerReply): Promise<void> {
  return new Promise((resolve) => {
    // A parent that is gone needs no answer; `disconnect` ends this process.
    if (!process.send?.(message, () => resolve())) resolve();
  });
}
