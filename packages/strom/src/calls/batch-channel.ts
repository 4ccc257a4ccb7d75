import type { ReplyChannel } from './reply-channel.ts';

/**
 * Splits the reply to a batch into one channel per request; the last messages are collected and
 * leave together as one JSON array, as JSON-RPC wants it.
 */
export function splitBatch(channel: ReplyChannel, count: number): () => ReplyChannel {
  const answers: string[] = [];
  let open = count;
  return () => ({
    tally: undefined,
    header: channel.header,
    push(message, policy) {
      return channel.push(message, policy, this);
    },
    flush: () => channel.flush(),
    end(message) {
      if (message !== undefined) answers.push(message);
      open -= 1;
      if (open === 0) channel.end(answers.length === 0 ? undefined : `[${answers.join(',')}]`);
    },
  });
}
