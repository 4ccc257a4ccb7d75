import { sessionRevision } from '../session-revision.ts';

/**
 * Structured results, resource links, elicitation; batches are gone.
 *
 * @see https://modelcontextprotocol.io/specification/2025-06-18
 */
export const REVISION_2025_06_18 = sessionRevision({
  date: '2025-06-18',
  hasBatches: false,
  primesStreams: false,
  hasProgressMessages: true,
});
