/**
 * A stream that all replies of one peer share, such as stdio; it stays open when a reply ends.
 *
 * An answer keeps a small distance from the progress before it. Common clients, the official ones
 * among them, take every message of one read before they run a single notification handler, and
 * drop the progress handler of a call once they see its answer: what is read together with the
 * answer would never be shown.
 *
 * @module
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Pieces } from '../protocol/json-pieces.ts';
import type { LongMessages } from './long-messages.ts';
import type { FramePolicy, Outbox } from './outbox.ts';
import type { ReplyChannel } from './reply-channel.ts';

export interface SharedStreamOptions {
  /** Puts one message into the form of the stream: an SSE event, a line. */
  frame(message: string): string;
  /** Measures the distance; without one answers follow at once. */
  readonly clock?: Clock;
  /** The status of HTTP every message was taken with, where there is one. */
  readonly status?: number;
  /** Where the outbox writes to, if long messages leave in pieces. */
  readonly longMessages?: LongMessages;
}

/** Long enough for an idle reader to have read what was sent before. */
const ANSWER_GAP_MS = 5;

interface HeldAnswer {
  readonly message: string;
  readonly timer: Timer;
}

export class SharedStream {
  readonly #outbox: Outbox;
  readonly #options: SharedStreamOptions;
  readonly #held = new Map<object, HeldAnswer>();

  constructor(outbox: Outbox, options: SharedStreamOptions) {
    this.#outbox = outbox;
    this.#options = options;
  }

  /** Makes the channel of one more reply. */
  openChannel(): ReplyChannel {
    const { clock, longMessages, status } = this.#options;
    let reportedAtMs = Number.NEGATIVE_INFINITY;
    const channel: ReplyChannel = {
      status,
      push: (message, policy) => {
        if (policy === 'newest' && clock !== undefined) reportedAtMs = clock.elapsed();
        return this.#push(message, policy, channel);
      },
      awaitRoom: () => this.#outbox.awaitRoom(channel),
      flush: () => this.#outbox.flush(),
      end: (message) => {
        if (message === undefined) return;
        const waitMs = clock === undefined ? 0 : reportedAtMs + ANSWER_GAP_MS - clock.elapsed();
        if (clock === undefined || waitMs <= 0) void this.#push(message, 'keep', channel);
        else {
          const timer = clock.after(waitMs, () => this.#release(channel));
          this.#held.set(channel, { message, timer });
        }
      },
      ...(longMessages !== undefined && {
        pushInPieces: (message: Pieces) => this.#push(longMessages.hold(message), 'keep', channel),
        endInPieces: (message: Pieces) => channel.end(longMessages.hold(message)),
      }),
    };
    return channel;
  }

  /** Sends the answers that still keep their distance; for a stream about to be closed. */
  flush(): void {
    for (const channel of [...this.#held.keys()]) this.#release(channel);
  }

  #release(channel: object): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    this.#held.delete(channel);
    held.timer.cancel();
    // Nobody waits for the last frame: the outbox keeps it until the reader takes it.
    void this.#push(held.message, 'keep', channel);
  }

  #push(message: string, policy: FramePolicy, channel: object): Promise<void> | undefined {
    return this.#outbox.push(this.#options.frame(message), policy, channel);
  }
}
