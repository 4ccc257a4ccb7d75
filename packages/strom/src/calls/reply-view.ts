import type { CallEvent, Outcome } from '../protocol/call-event.ts';
import { encodeOutcome, type MessageEncoder } from '../protocol/message-encoder.ts';
import type { CallView } from './call-view.ts';
import type { FramePolicy } from './outbox.ts';
import type { ReplyChannel } from './reply-channel.ts';

const POLICIES: Readonly<Record<CallEvent['kind'], FramePolicy>> = {
  progress: 'newest',
  log: 'droppable',
  chunk: 'keep',
  acknowledged: 'keep',
  change: 'once',
};

/** The view of a caller that is told everything in messages: where encoder and channel meet. */
export class ReplyView implements CallView {
  readonly carriesChunks: boolean;
  readonly #encoder: MessageEncoder;
  readonly #channel: ReplyChannel;

  constructor(encoder: MessageEncoder, channel: ReplyChannel) {
    this.carriesChunks = encoder.carriesChunks;
    this.#encoder = encoder;
    this.#channel = channel;
  }

  send(event: CallEvent): Promise<void> | undefined {
    const message = this.#encoder.event(event);
    return message === undefined ? undefined : this.#channel.push(message, POLICIES[event.kind]);
  }

  flush(): void {
    this.#channel.flush();
  }

  batchFor(burstWindowMs: number): void {
    this.#channel.batchFor?.(burstWindowMs);
  }

  suspendConnection(retryMs: number): void {
    this.#channel.suspendConnection?.(retryMs);
  }

  finish(outcome: Outcome): void {
    const failure = outcome.kind === 'error' ? outcome.error : undefined;
    this.#channel.end(encodeOutcome(this.#encoder, outcome), failure);
  }

  abandon(): void {
    this.#channel.end(undefined);
  }
}
