import type { FramePolicy, Outbox } from './outbox.ts';
import type { ReplyChannel } from './reply-channel.ts';

/** Puts one message into the form its stream wants: an SSE event, a line. */
export type Framing = (message: string) => string;

/** One reply on a stream that it shares with others, such as stdio; the stream stays open. */
export function outboxChannel(outbox: Outbox, frame: Framing): ReplyChannel {
  const channel = {
    push: (message: string, policy: FramePolicy) => outbox.push(frame(message), policy, channel),
    end(message: string | undefined) {
      // Nobody waits for the last frame: the outbox keeps it until the reader takes it.
      if (message !== undefined) void outbox.push(frame(message), 'keep', channel);
    },
  };
  return channel;
}
