import { adaptContent, audioToText, linkToText } from '../adapt-content.ts';
import { sessionRevision } from '../session-revision.ts';

/**
 * The first revision: HTTP+SSE, no audio, no resource links, progress without words.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05
 */
export const REVISION_2024_11_05 = sessionRevision({
  date: '2024-11-05',
  hasBatches: false,
  primesStreams: false,
  hasProgressMessages: false,
  adaptResult: (operation, result) =>
    adaptContent(operation, result, (block) => linkToText(audioToText(block))),
});
