import type { ReplyChannel } from './reply-channel.ts';

/**
 * Splits the reply to a batch into one channel per request; the last messages are collected and
 * leave together as one JSON array, as JSON-RPC wants it.
 */
export function splitBatch(channel: ReplyChannel, count: number): () => ReplyChannel {
  const answers: string[] = [];
  let open = count;
  return () => ({
    header: channel.header,
    push: (message, policy) => channel.push(message, policy),
    flush: () => channel.flush(),
    end(message) {
      if (message !== undefined) answers.push(message);
      open -= 1;
      if (open === 0) channel.end(answers.length === 0 ? undefined : `[${answers.join(',')}]`);
    },
  });
}
