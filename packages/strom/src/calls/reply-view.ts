import { StromError } from '../base/strom-error.ts';
import type { CallEvent, Outcome, ProgressEvent } from '../protocol/call-event.ts';
import { encodeLongOutcome, encodeLongTask, type LongOutcome } from '../protocol/long-outcome.ts';
import { encodeOutcome, type MessageEncoder } from '../protocol/message-encoder.ts';
import type { CallView } from './call-view.ts';
import type { CallWatch } from './observer.ts';
import type { FramePolicy } from './outbox.ts';
import type { ReplyChannel } from './reply-channel.ts';

const POLICIES: Readonly<Record<CallEvent['kind'], FramePolicy>> = {
  progress: 'newest',
  log: 'droppable',
  chunk: 'keep',
  acknowledged: 'keep',
  change: 'once',
  task: 'keep',
};

/** The view of a caller that is told everything in messages: where encoder and channel meet. */
export class ReplyView implements CallView {
  readonly carriesChunks: boolean;
  readonly #encoder: MessageEncoder;
  readonly #channel: ReplyChannel;
  readonly #watch: CallWatch | undefined;
  #held: ProgressEvent | undefined;

  /** @param watch - told what becomes of the call, where somebody wants to know */
  constructor(encoder: MessageEncoder, channel: ReplyChannel, watch?: CallWatch) {
    this.carriesChunks = encoder.carriesChunks;
    this.#encoder = encoder;
    this.#channel = channel;
    this.#watch = watch;
    if (watch !== undefined) channel.tally = watch.tally;
  }

  get correlation(): string | undefined {
    return this.#watch?.correlation;
  }

  within<Result>(work: () => Result): Result {
    return this.#watch?.within === undefined ? work() : this.#watch.within(work);
  }

  send(event: CallEvent): Promise<void> | undefined {
    if (event.kind === 'progress') {
      const room = this.#channel.awaitRoom?.();
      if (room !== undefined) return this.#hold(event, room);
    }
    this.#sendHeld();
    return this.#send(event);
  }

  /** Keeps the newest report for a reader that is far behind; most are never encoded. */
  #hold(event: ProgressEvent, room: Promise<void>): Promise<void> {
    if (this.#held === undefined) void room.then(() => this.#sendHeld());
    else this.#watch?.tally.countPaced();
    this.#held = event;
    return room;
  }

  #sendHeld(): void {
    const event = this.#held;
    if (event === undefined) return;
    this.#held = undefined;
    void this.#send(event);
  }

  #send(event: CallEvent): Promise<void> | undefined {
    if (event.kind === 'task' && this.#channel.pushInPieces !== undefined) {
      const pieces = encodeLongTask(this.#encoder, event);
      if (pieces !== undefined) {
        this.#watch?.tally.countLongEvent(pieces.bytes);
        return this.#channel.pushInPieces(pieces);
      }
    }
    const message = this.#encoder.event(event);
    if (message === undefined) return undefined;
    this.#watch?.tally.countEvent(message);
    return this.#channel.push(message, POLICIES[event.kind]);
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

  finish(wanted: Outcome): StromError | undefined {
    this.#sendHeld();
    const encoded = this.#encode(wanted);
    const { outcome } = encoded;
    if (encoded.pieces === undefined) {
      this.#watch?.tally.countAnswer(encoded.text);
      this.#channel.end(encoded.text, outcome.kind === 'error' ? outcome.error : undefined);
    } else {
      this.#watch?.tally.countBytes(encoded.pieces.bytes);
      this.#channel.endInPieces?.(encoded.pieces);
    }
    this.#watch?.ended(outcome, this.#channel.status);
    return outcome === wanted ? undefined : failureOf(outcome);
  }

  #encode(outcome: Outcome): LongOutcome {
    if (this.#channel.endInPieces === undefined) return encodeOutcome(this.#encoder, outcome);
    return encodeLongOutcome(this.#encoder, outcome);
  }

  abandon(reason: StromError): void {
    this.#held = undefined;
    this.#channel.end(undefined);
    this.#watch?.ended({ kind: 'abandoned', reason }, this.#channel.status);
  }

  countPaced(): void {
    this.#watch?.tally.countPaced();
  }
}

function failureOf(outcome: Outcome): StromError | undefined {
  return outcome.kind === 'error' && outcome.error instanceof StromError
    ? outcome.error
    : undefined;
}
