import type { Clock } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import type { Observe } from '../../calls/observer.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import type { RpcRequest } from '../../protocol/message.ts';
import { ReplayBuffer, type ReplayBufferOptions } from '../../session/replay-buffer.ts';
import { Session } from '../../session/session.ts';
import type { HttpExchange } from './exchange.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { StreamBounds } from './open-outbox.ts';
import { SessionStream } from './session-stream.ts';

export interface HttpSessionOptions {
  readonly id: string;
  /** Who opened the session; for everybody else it does not exist. */
  readonly principal: Principal;
  readonly dispatcher: Dispatcher;
  readonly observe: Observe | undefined;
  readonly keepAlive: KeepAlive;
  readonly clock: Clock;
  readonly limits: StreamBounds;
  readonly replay: ReplayBufferOptions;
}

/** The stream that carries what belongs to no request. */
const OUTBOUND = 'out';
const MANY_STREAMS = 64;

/** A session of Streamable HTTP: the agreement, and the streams that can be resumed. */
export class HttpSession {
  readonly id: string;
  readonly #options: HttpSessionOptions;
  readonly #replay: ReplayBuffer;
  readonly #streams = new Map<string, SessionStream>();
  #session: Session | undefined;
  #opened = 0;

  constructor(options: HttpSessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#replay = new ReplayBuffer(options.replay);
  }

  /** Who opened the session; for everybody else it does not exist. */
  get principal(): Principal {
    return this.#options.principal;
  }

  isOwnedBy(principal: Principal): boolean {
    return principal.id === this.principal.id;
  }

  /** What was agreed; there once `initialize` was answered. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether a call runs or a stream is open. */
  get isBusy(): boolean {
    if ((this.#session?.activeCalls ?? 0) > 0) return true;
    return [...this.#streams.values()].some((stream) => stream.isAttached);
  }

  /** Answers `initialize` and agrees on a revision. */
  open(request: RpcRequest, channel: ReplyChannel): void {
    this.#session = Session.open(request, channel, {
      dispatcher: this.#options.dispatcher,
      principal: this.#options.principal,
      observe: this.#options.observe,
      sessionId: this.id,
      outbound: {
        push: (message, policy) => this.#streams.get(OUTBOUND)?.push(message, policy),
        flush: () => this.#streams.get(OUTBOUND)?.flush(),
        end: () => undefined,
      },
    });
  }

  /** Makes the stream of one more POST. */
  openStream(): SessionStream {
    this.#opened += 1;
    return this.#addStream(String(this.#opened));
  }

  /**
   * Makes an exchange the session's own stream, or resumes the stream an event id belongs to.
   *
   * @param onDetach - told once when the exchange is a stream of the session no more
   * @throws {StromError} `ERR_SESSION_STREAM_OPEN` when the own stream is open on another connection;
   * `ERR_INVALID_REQUEST` for an event id of no stream that is still known
   */
  attach(exchange: HttpExchange, lastEventId: string | undefined, onDetach: () => void): void {
    if (lastEventId !== undefined) {
      const { stream, afterSequence } = this.#resumed(lastEventId);
      stream.attach(exchange, { afterSequence, endsWithProof: true, onDetach });
      return;
    }
    const stream = this.#streams.get(OUTBOUND) ?? this.#addStream(OUTBOUND);
    if (stream.isAttached) {
      throw publicError('ERR_SESSION_STREAM_OPEN', 'The stream of this session is already open');
    }
    stream.attach(exchange, { endsWithProof: true, onDetach });
    this.#session?.startListChanges();
  }

  /** Gives up what was kept for clients that come back. */
  forgetReplay(): void {
    this.#replay.clear();
  }

  /** Cancels what runs and ends every stream. */
  close(reason: StromError): void {
    this.#session?.close(reason);
    for (const stream of this.#streams.values()) stream.disconnect();
    this.#replay.clear();
  }

  #resumed(lastEventId: string): { stream: SessionStream; afterSequence: number } {
    const dash = lastEventId.lastIndexOf('-');
    const stream = this.#streams.get(lastEventId.slice(0, dash));
    const sequence = lastEventId.slice(dash + 1);
    if (stream === undefined || !/^\d{1,15}$/.test(sequence)) {
      throw publicError('ERR_INVALID_REQUEST', 'Last-Event-ID belongs to no stream known here');
    }
    return { stream, afterSequence: Number(sequence) };
  }

  #addStream(id: string): SessionStream {
    if (this.#streams.size >= MANY_STREAMS) this.#forgetEnded();
    const stream = new SessionStream({
      id,
      replay: this.#replay,
      keepAlive: this.#options.keepAlive,
      clock: this.#options.clock,
      limits: this.#options.limits,
      primes: this.#session?.revision.primesStreams === true,
    });
    this.#streams.set(id, stream);
    return stream;
  }

  #forgetEnded(): void {
    for (const [id, stream] of this.#streams) {
      if (stream.ended && !this.#replay.has(id)) this.#streams.delete(id);
    }
  }
}
