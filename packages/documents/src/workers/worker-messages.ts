/**
 * What the server and its conversion process say to each other.
 *
 * One document at a time: `start`, chunks, `end` one way; any number of `page`
 * and then one `done` or `failed` the other. The process parses hostile files,
 * so its words are validated before they are believed.
 *
 * @module
 */
import { z } from 'zod';
import { isFailureCode } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { FORMATS } from '../formats/format.ts';

/** Documents travel in pieces, so neither side ever blocks on one large message. */
export const CHUNK_BYTES = 1024 * 1024;

export type WorkerRequest =
  | { readonly kind: 'start'; readonly name: string; readonly limits: Limits }
  | { readonly kind: 'chunk'; readonly data: Uint8Array }
  | { readonly kind: 'end' };

const count = z.int().nonnegative();
const format = z.enum(FORMATS);

export const workerReplySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('page'), page: count, total: count }),
  z.object({
    kind: z.literal('done'),
    format,
    markdown: z.instanceof(Uint8Array),
    pages: count.optional(),
    rssBytes: count,
  }),
  z.object({
    kind: z.literal('failed'),
    code: z.string().refine(isFailureCode),
    message: z.string().max(300),
    format: format.optional(),
    rssBytes: count,
  }),
]);

export type WorkerReply = z.infer<typeof workerReplySchema>;
