import { sessionRevision } from '../session-revision.ts';

/**
 * The last revision with sessions; its streams start with an event a client can resume from.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25
 */
export const REVISION_2025_11_25 = sessionRevision({
  date: '2025-11-25',
  hasBatches: false,
  primesStreams: true,
  hasProgressMessages: true,
});
