import { joinedPieces, type Pieces } from '../protocol/json-pieces.ts';
import type { ReplyChannel } from './reply-channel.ts';

/**
 * Splits the reply to a batch into one channel per request; the last messages are collected and
 * leave together as one JSON array, as JSON-RPC wants it.
 */
export function splitBatch(channel: ReplyChannel, count: number): () => ReplyChannel {
  const answers: (string | Pieces)[] = [];
  let open = count;
  const take = (message: string | Pieces | undefined): void => {
    if (message !== undefined) answers.push(message);
    open -= 1;
    if (open > 0) return;
    if (answers.every((answer) => typeof answer === 'string')) {
      channel.end(answers.length === 0 ? undefined : `[${answers.join(',')}]`);
    } else channel.endInPieces?.(joinedPieces(answers));
  };
  return () => ({
    tally: undefined,
    header: channel.header,
    status: channel.status,
    push(message, policy) {
      return channel.push(message, policy, this);
    },
    flush: () => channel.flush(),
    end: take,
    ...(channel.endInPieces !== undefined && { endInPieces: take }),
  });
}
