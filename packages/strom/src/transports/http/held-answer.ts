import type { StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import type { Tally } from '../../calls/tally.ts';
import { sessionReplyStatus } from './reply-status.ts';

interface Answer {
  readonly message: string | undefined;
  readonly failure: StromError | WireError | undefined;
}

/** Holds the answer of a call that says nothing else until it may leave. */
export class HeldAnswer implements ReplyChannel {
  tally: Tally | undefined = undefined;
  #channel: ReplyChannel | undefined;
  #answer: Answer | undefined;

  /** Whether what it holds is an error. */
  get isFailure(): boolean {
    return this.#answer?.failure !== undefined;
  }

  get status(): number {
    return sessionReplyStatus(this.#answer?.failure);
  }

  push(): undefined {
    return undefined;
  }

  flush(): void {
    // Nothing is queued: the one message is the answer.
  }

  end(message: string | undefined, failure?: StromError | WireError): void {
    this.#answer = { message, failure };
    this.#send();
  }

  /** Lets the answer go to a channel, now or once there is one. */
  release(channel: ReplyChannel): void {
    channel.tally = this.tally;
    this.#channel = channel;
    this.#send();
  }

  #send(): void {
    if (this.#answer === undefined) return;
    this.#channel?.end(this.#answer.message, this.#answer.failure);
  }
}
