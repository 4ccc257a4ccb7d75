/**
 * One resumable stream of a session: the answer to a POST, or the session's own GET stream.
 *
 * A stream outlives its connections. What is sent while none is attached waits in the replay
 * buffer for a client that comes back with `Last-Event-ID`.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 * @module
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { whenProofEnds } from '../../base/when-proof-ends.ts';
import type { FramePolicy, Outbox } from '../../calls/outbox.ts';
import type { Tally } from '../../calls/tally.ts';
import {
  encodeSse,
  encodeSseJson,
  encodeSseRetry,
  SSE_KEEP_ALIVE,
} from '../../protocol/sse-encode.ts';
import type { ReplayBuffer } from '../../session/replay-buffer.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import type { KeepAlive, KeptAlive } from './keep-alive.ts';
import { openSseOutbox, type StreamBounds } from './open-outbox.ts';

export interface SessionStreamOptions {
  readonly id: string;
  readonly replay: ReplayBuffer;
  readonly keepAlive: KeepAlive;
  readonly clock: Clock;
  readonly limits: StreamBounds;
  /** Start every connection with an event that has an id and nothing else. */
  readonly primes: boolean;
}

export interface AttachOptions {
  /** The last event the client has seen; what came after it is sent first. */
  readonly afterSequence?: number;
  /** Headers of the answer beside those of every stream. */
  readonly headers?: ReplyHeaders;
  /** Ends the connection when the caller's proof of identity ends; the stream waits for another. */
  readonly endsWithProof?: boolean;
  /** Told once when this connection is the stream's no more. */
  readonly onDetach?: () => void;
}

export class SessionStream implements KeptAlive {
  /** Counts the messages that do not arrive. */
  tally: Tally | undefined = undefined;
  readonly #options: SessionStreamOptions;
  #sequence = 0;
  #outbox: Outbox | undefined;
  #proofEnd: Timer | undefined;
  #onDetach: (() => void) | undefined;
  #ended = false;
  #burstWindowMs = 0;

  constructor(options: SessionStreamOptions) {
    this.#options = options;
  }

  get isAttached(): boolean {
    return this.#outbox !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends a message: to the connection that is attached, and to whoever resumes later. */
  push(message: string, policy: FramePolicy): Promise<void> | undefined {
    const frame = this.#record(message);
    return this.#outbox?.push(frame, policy, this);
  }

  flush(): void {
    this.#outbox?.flush();
  }

  batchFor(burstWindowMs: number): void {
    this.#burstWindowMs = burstWindowMs;
    this.#outbox?.batchFor(burstWindowMs);
  }

  /** Sends the last message; the attached connection ends with it. */
  end(message: string | undefined): void {
    const frame = message === undefined ? '' : this.#record(message);
    this.#ended = true;
    this.#outbox?.end(frame);
    this.#detach();
  }

  /** Makes an exchange the connection of this stream, from its beginning or where it broke off. */
  attach(exchange: HttpExchange, options: AttachOptions = {}): void {
    const { afterSequence, headers, endsWithProof } = options;
    this.disconnect();
    this.#onDetach = options.onDetach;
    const outbox = openSseOutbox(exchange, this.#options.limits, headers);
    outbox.batchFor(this.#burstWindowMs);
    this.#outbox = outbox;
    this.#options.keepAlive.add(this);
    exchange.onGone({
      gone: () => {
        outbox.gone();
        if (this.#outbox === outbox) this.#detach();
      },
    });
    void outbox.push(this.#opening(afterSequence), 'keep', this);
    if (this.#ended) this.disconnect();
    else if (endsWithProof === true) this.#disconnectWithProof(exchange.principal);
  }

  keepAlive(): void {
    this.#outbox?.keepAlive(SSE_KEEP_ALIVE);
  }

  /**
   * Ends the connection that is attached, not the stream.
   *
   * @param retryMs - how long the client should wait before it comes back
   */
  disconnect(retryMs?: number): void {
    this.#outbox?.end(retryMs === undefined ? '' : encodeSseRetry(retryMs));
    this.#detach();
  }

  #disconnectWithProof(principal: Principal): void {
    const { clock } = this.#options;
    const proofEnd = whenProofEnds(principal, clock, () => this.disconnect());
    if (this.isAttached) this.#proofEnd = proofEnd;
    else proofEnd?.cancel();
  }

  #opening(afterSequence: number | undefined): string {
    const { id, replay, primes } = this.#options;
    if (afterSequence !== undefined) {
      const missed = replay.after(id, afterSequence).map(({ frame }) => frame);
      return missed.join('') || SSE_KEEP_ALIVE;
    }
    return primes ? encodeSse({ id: `${id}-${this.#sequence}`, data: '' }) : SSE_KEEP_ALIVE;
  }

  #record(message: string): string {
    this.#sequence += 1;
    const { id, replay } = this.#options;
    const frame = encodeSseJson(message, `${id}-${this.#sequence}`);
    replay.append({ streamId: id, sequence: this.#sequence, frame });
    return frame;
  }

  #detach(): void {
    this.#outbox = undefined;
    this.#onDetach?.();
    this.#onDetach = undefined;
    this.#proofEnd?.cancel();
    this.#proofEnd = undefined;
    this.#options.keepAlive.delete(this);
  }
}
