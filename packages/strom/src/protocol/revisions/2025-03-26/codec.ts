import { adaptContent, linkToText } from '../adapt-content.ts';
import { sessionRevision } from '../session-revision.ts';

/**
 * Streamable HTTP arrives, with batches that only this revision has.
 *
 * @see https://modelcontextprotocol.io/specification/2025-03-26
 */
export const REVISION_2025_03_26 = sessionRevision({
  date: '2025-03-26',
  hasBatches: true,
  primesStreams: false,
  hasProgressMessages: true,
  adaptResult: (operation, result) => adaptContent(operation, result, linkToText),
});
