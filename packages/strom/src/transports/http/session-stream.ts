/**
 * One resumable stream of a session: the answer to a POST, or the session's own GET stream.
 *
 * A stream outlives its connections. What is sent while none is attached waits in the replay
 * buffer, and in a journal if there is a store, for a client that comes back with `Last-Event-ID`.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 * @module
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import type { FramePolicy, Outbox } from '../../calls/outbox.ts';
import type { Tally } from '../../calls/tally.ts';
import type { Pieces } from '../../protocol/json-pieces.ts';
import {
  encodeSse,
  encodeSseJson,
  encodeSsePieces,
  encodeSseRetry,
  SSE_KEEP_ALIVE,
} from '../../protocol/sse-encode.ts';
import type { ReplayBuffer } from '../../session/replay-buffer.ts';
import type { StreamJournal } from '../../session/stream-journal.ts';
import { catchUp } from './catch-up.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import type { KeepAlive, KeptAlive } from './keep-alive.ts';
import { openSseOutbox, type StreamBounds } from './open-outbox.ts';
import { whenStreamEnds } from './when-stream-ends.ts';

export interface SessionStreamOptions {
  readonly id: string;
  readonly replay: ReplayBuffer;
  readonly keepAlive: KeepAlive;
  readonly clock: Clock;
  readonly limits: StreamBounds;
  /** Start every connection with an event that has an id and nothing else. */
  readonly primes: boolean;
  /** Keeps the stream beyond the life of the process; absent where nothing does. */
  readonly journal?: StreamJournal | undefined;
  /** What the journal has where the last message is too long for it. */
  readonly inPlaceOfLong?: (() => string) | undefined;
  /** Told when the store fails a reader that wants to catch up. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** Longest last message that is kept beyond the life of the process. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

export interface AttachOptions {
  /** The last event the client has seen; what came after it is sent first. */
  readonly afterSequence?: number;
  /** Headers of the answer beside those of every stream. */
  readonly headers?: ReplyHeaders;
  /**
   * Ends the connection with the caller's proof of identity, and after the longest life of a stream;
   * the stream waits for another.
   */
  readonly isBounded?: boolean;
  /** Told once when this connection is the stream's no more. */
  readonly onDetach?: () => void;
  /** Frames to send before anything of this stream. */
  readonly prelude?: AsyncIterable<string>;
}

/** A connection that is not given what happens now, because it has missed earlier events. */
interface CatchingUp {
  readonly outbox: Outbox;
  /** The last event it has seen. */
  readonly after: number;
  /** The last message, if that is long and has come meanwhile. */
  long?: Pieces;
  /** How the connection shall end once it has caught up. */
  lastFrame: string | undefined;
}

export class SessionStream implements KeptAlive {
  place: number | undefined = undefined;
  /** Counts the messages that do not arrive. */
  tally: Tally | undefined = undefined;
  readonly #options: SessionStreamOptions;
  #sequence = 0;
  #outbox: Outbox | undefined;
  #catchingUp: CatchingUp | undefined;
  #connectionEnd: Timer | undefined;
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

  /**
   * Sends a message: to the connection that is attached, and to whoever resumes later.
   *
   * @param owner - whose message it is where several calls share the stream
   */
  push(message: string, policy: FramePolicy, owner: object = this): Promise<void> | undefined {
    const { journal } = this.#options;
    if (journal?.isOverfull === true && policy !== 'keep') {
      return this.#pushUnkept(journal, message, { policy, owner });
    }
    const frame = this.#record(message);
    if (this.#catchingUp === undefined) return this.#outbox?.push(frame, policy, owner);
    return journal?.isOverfull === true ? journal.flushed() : undefined;
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
    const frame = this.#recordEnd(message);
    this.#ended = true;
    if (this.#catchingUp !== undefined) {
      this.#catchingUp.lastFrame = '';
      return;
    }
    this.#outbox?.end(frame);
    this.#detach();
  }

  /** Sends a long last message while it is made; a client that comes back is sent it again. */
  endInPieces(message: Pieces): void {
    const { id, replay, journal, inPlaceOfLong } = this.#options;
    if (journal !== undefined && message.bytes <= MAX_KEPT_BYTES) {
      this.end([...message].join(''));
      return;
    }
    this.#sequence += 1;
    journal?.append('e', inPlaceOfLong?.() ?? '');
    replay.append({ streamId: id, sequence: this.#sequence, frame: '', long: message });
    this.#ended = true;
    if (this.#catchingUp !== undefined) {
      this.#catchingUp.lastFrame = '';
      this.#catchingUp.long = message;
    } else this.#finish('', message);
  }

  /** Makes an exchange the connection of this stream, from its beginning or where it broke off. */
  attach(exchange: HttpExchange, options: AttachOptions = {}): void {
    const { headers, isBounded } = options;
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
    if (this.#isInMemory(options)) {
      void outbox.push(this.#opening(options.afterSequence), 'keep', this);
      if (this.#ended) this.#finish('', this.#longAfter(options.afterSequence));
    } else void this.#catchUp(outbox, options);
    if (this.isAttached && isBounded === true) this.#disconnectInTime(exchange.principal);
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
    if (retryMs !== undefined && this.#catchingUp !== undefined) {
      this.#catchingUp.lastFrame = encodeSseRetry(retryMs);
      return;
    }
    this.#outbox?.end(retryMs === undefined ? '' : encodeSseRetry(retryMs));
    this.#detach();
  }

  /** @param long - the last message, where that is long and the connection has not had it */
  #finish(lastFrame: string, long: Pieces | undefined): void {
    const frame = long && encodeSsePieces(long, `${this.#options.id}-${this.#sequence}`);
    this.#outbox?.end(lastFrame, frame);
    this.#detach();
  }

  #longAfter(sequence = this.#sequence): Pieces | undefined {
    const { replay, id } = this.#options;
    return replay.longAfter(id, sequence);
  }

  /** Whether a connection can be given at once what it has not seen. */
  #isInMemory({ afterSequence, prelude }: AttachOptions): boolean {
    const { journal, replay, id } = this.#options;
    if (prelude !== undefined) return false;
    if (journal === undefined) return true;
    if (!journal.isReady) return false;
    if (afterSequence === undefined) return true;
    return replay.between(id, afterSequence, this.#sequence) !== undefined;
  }

  /** Never rejects: a reader the store fails is cut off, and comes back. */
  async #catchUp(outbox: Outbox, options: AttachOptions): Promise<void> {
    const { journal, replay, id, primes } = this.#options;
    const { afterSequence, prelude } = options;
    const after = afterSequence ?? this.#sequence;
    const state: CatchingUp = { outbox, after, lastFrame: this.#ended ? '' : undefined };
    this.#catchingUp = state;
    const isFresh = afterSequence === undefined && prelude === undefined;
    const source = {
      streamId: id,
      journal,
      replay,
      newest: () => this.#sequence,
      endsLong: () => this.#longOf(state) !== undefined,
    };
    try {
      await catchUp(outbox, source, {
        opening: isFresh && primes ? this.#prime() : SSE_KEEP_ALIVE,
        prelude,
        after,
        caughtUp: () => this.#caughtUp(state),
      });
    } catch (error) {
      this.#options.onFailure?.(error);
      if (this.#catchingUp === state) this.disconnect();
    }
  }

  #caughtUp(state: CatchingUp): void {
    const { outbox, lastFrame } = state;
    if (this.#outbox !== outbox) return;
    this.#catchingUp = undefined;
    if (lastFrame !== undefined) this.#finish(lastFrame, this.#longOf(state));
  }

  #longOf({ long, after }: CatchingUp): Pieces | undefined {
    return long ?? this.#longAfter(after);
  }

  /** Sends a message that may be left out while the store is behind: nobody can ask for it again. */
  #pushUnkept(
    journal: StreamJournal,
    message: string,
    { policy, owner }: { readonly policy: FramePolicy; readonly owner: object },
  ): Promise<void> | undefined {
    if (this.#outbox === undefined || this.#catchingUp !== undefined) {
      this.tally?.countDropped(message);
      return journal.flushed();
    }
    void this.#outbox.push(encodeSseJson(message), policy, owner);
    return journal.flushed();
  }

  #disconnectInTime(principal: Principal): void {
    const { clock, limits } = this.#options;
    const { maxStreamMs } = limits;
    const end = whenStreamEnds(principal, { clock, maxStreamMs }, () => this.disconnect());
    if (this.isAttached) this.#connectionEnd = end;
    else end?.cancel();
  }

  #opening(afterSequence: number | undefined): string {
    const { id, replay, primes } = this.#options;
    if (afterSequence !== undefined) {
      const missed = replay.after(id, afterSequence).map(({ frame }) => frame);
      return missed.join('') || SSE_KEEP_ALIVE;
    }
    return primes ? this.#prime() : SSE_KEEP_ALIVE;
  }

  #prime(): string {
    return encodeSse({ id: `${this.#options.id}-${this.#sequence}`, data: '' });
  }

  #recordEnd(message: string | undefined): string {
    const { id, replay, journal } = this.#options;
    if (message !== undefined) return this.#record(message, 'e');
    if (journal === undefined) return '';
    // The end takes a number in the journal, and so it must here.
    this.#sequence += 1;
    journal.append('e', '');
    replay.append({ streamId: id, sequence: this.#sequence, frame: '' });
    return '';
  }

  #record(message: string, kind: 'm' | 'e' = 'm'): string {
    this.#sequence += 1;
    const { id, replay, journal } = this.#options;
    journal?.append(kind, message);
    const frame = encodeSseJson(message, `${id}-${this.#sequence}`);
    replay.append({ streamId: id, sequence: this.#sequence, frame });
    return frame;
  }

  #detach(): void {
    this.#outbox = undefined;
    this.#onDetach?.();
    this.#onDetach = undefined;
    this.#catchingUp = undefined;
    this.#connectionEnd?.cancel();
    this.#connectionEnd = undefined;
    this.#options.keepAlive.delete(this);
  }
}
