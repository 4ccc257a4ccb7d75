import type { Clock } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { shuttingDown } from '../../base/shutting-down.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { Dispatcher } from '../../calls/dispatcher.ts';
import type { Observe } from '../../calls/observer.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import type { RpcRequest } from '../../protocol/message.ts';
import type { KeptSession } from '../../session/kept-session.ts';
import { type StreamFacts, tooLargeToKeep } from '../../session/past-streams.ts';
import { ReplayBuffer, type ReplayBufferOptions } from '../../session/replay-buffer.ts';
import { Session, type SessionHost } from '../../session/session.ts';
import type { Agreement } from '../../session/session-facts.ts';
import type { StreamJournal } from '../../session/stream-journal.ts';
import type { HttpExchange } from './exchange.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { StreamBounds } from './open-outbox.ts';
import { type AttachOptions, SessionStream } from './session-stream.ts';

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
  /** The session in a store; absent where it lives and dies with the process. */
  readonly kept?: KeptSession | undefined;
  /** Told when the store fails a reader. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** The stream that carries what belongs to no request. */
const OUTBOUND = 'out';
const NO_REQUEST: StreamFacts = { requests: [], isBatch: false };
const MANY_STREAMS = 64;
/** Streams of a session in a store that have ended and may be resumed, at least. */
const KEPT_STREAMS = 32;
const EVENT_ID = /^(.+)-(\d{1,15})(x?)$/;

/** A session of Streamable HTTP: the agreement, and the streams that can be resumed. */
export class HttpSession {
  readonly id: string;
  readonly #options: HttpSessionOptions;
  readonly #replay: ReplayBuffer;
  readonly #outboundId: string;
  readonly #streams = new Map<string, SessionStream>();
  #session: Session | undefined;
  #opened = 0;

  constructor(options: HttpSessionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#replay = new ReplayBuffer(options.replay);
    this.#outboundId = `${options.kept?.prefix ?? ''}${OUTBOUND}`;
  }

  /** The session in a store; absent where it lives and dies with the process. */
  get kept(): KeptSession | undefined {
    return this.#options.kept;
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
    const session = Session.open(request, channel, this.#host());
    this.#session = session;
    this.kept?.keep(() => session.agreement);
  }

  /** Goes on where another process has left the session. */
  restore(agreement: Agreement): void {
    const session = Session.restore(agreement, this.#host());
    this.#session = session;
    this.kept?.keep(() => session.agreement);
    if (this.kept?.past.hadOwn !== true) return;
    this.#addStream(this.#outboundId, NO_REQUEST);
    session.startListChanges();
  }

  /** Makes the stream of one more POST. */
  openStream(facts: StreamFacts): SessionStream {
    this.#opened += 1;
    return this.#addStream(`${this.kept?.prefix ?? ''}${this.#opened}`, facts);
  }

  /**
   * Makes an exchange the session's own stream, or resumes the stream an event id belongs to.
   *
   * @param onDetach - told once when the exchange is a stream of the session no more
   * @throws {StromError} `ERR_SESSION_STREAM_OPEN` when the own stream is open on another connection;
   * `ERR_INVALID_REQUEST` for an event id of no stream that is still known; `ERR_SHUTTING_DOWN` for
   * the own stream of a server that leaves, while answers can still be resumed
   */
  attach(exchange: HttpExchange, lastEventId: string | undefined, onDetach: () => void): void {
    if (lastEventId !== undefined) {
      const { stream, from } = this.#resumed(lastEventId);
      this.#checkOpens(stream);
      stream.attach(exchange, { ...from, isBounded: true, onDetach });
      return;
    }
    const stream = this.#outbound();
    this.#checkOpens(stream);
    if (stream.isAttached) {
      throw publicError('ERR_SESSION_STREAM_OPEN', 'The stream of this session is already open');
    }
    stream.attach(exchange, { isBounded: true, onDetach });
    this.#session?.startListChanges();
  }

  #checkOpens(stream: SessionStream): void {
    if (!this.#options.dispatcher.isShuttingDown) return;
    if (stream === this.#streams.get(this.#outboundId)) throw shuttingDown();
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

  #host(): SessionHost {
    const { dispatcher, principal, observe, kept } = this.#options;
    const stream = (): SessionStream | undefined => this.#streams.get(this.#outboundId);
    return {
      dispatcher,
      principal,
      observe,
      sessionId: this.id,
      outbound: {
        push: (message, policy) => stream()?.push(message, policy),
        flush: () => stream()?.flush(),
        end: () => undefined,
      },
      ...(kept !== undefined && {
        keep: () => kept.save(),
        ...(kept.generation > 0 && { generation: kept.prefix }),
      }),
    };
  }

  #outbound(): SessionStream {
    return this.#streams.get(this.#outboundId) ?? this.#addStream(this.#outboundId, NO_REQUEST);
  }

  /** The stream an event id belongs to, and how to go on after that event. */
  #resumed(lastEventId: string): { stream: SessionStream; from: AttachOptions } {
    const [, streamId = '', sequence = '', byAnother] = EVENT_ID.exec(lastEventId) ?? [];
    const after = Number(sequence);
    const stream = this.#streams.get(streamId);
    if (stream !== undefined && byAnother === '') return { stream, from: { afterSequence: after } };
    const past = this.kept?.past;
    if (past?.isOwn(streamId) === true) {
      const prelude = past.own(streamId, after);
      return { stream: this.#outbound(), from: { afterSequence: 0, prelude } };
    }
    if (past?.has(streamId) !== true) {
      throw publicError('ERR_INVALID_REQUEST', 'Last-Event-ID belongs to no stream known here');
    }
    const rest = this.#makeStream(streamId, undefined);
    rest.end(undefined);
    const prelude = past.answers(streamId, after, byAnother !== '');
    return { stream: rest, from: { afterSequence: 0, prelude } };
  }

  #addStream(id: string, facts: StreamFacts): SessionStream {
    if (this.#streams.size >= MANY_STREAMS) this.#forgetEnded();
    const inPlaceOfLong = (): string => tooLargeToKeep(facts);
    const stream = this.#makeStream(id, this.kept?.openStream(id, facts), inPlaceOfLong);
    this.#streams.set(id, stream);
    return stream;
  }

  #makeStream(
    id: string,
    journal: StreamJournal | undefined,
    inPlaceOfLong?: () => string,
  ): SessionStream {
    const { keepAlive, clock, limits, onFailure } = this.#options;
    return new SessionStream({
      id,
      replay: this.#replay,
      keepAlive,
      clock,
      limits,
      primes: this.#session?.revision.primesStreams === true,
      journal,
      inPlaceOfLong,
      onFailure,
    });
  }

  #forgetEnded(): void {
    const { kept } = this;
    for (const [id, stream] of this.#streams) {
      if (kept !== undefined && this.#streams.size <= KEPT_STREAMS) return;
      if (!stream.ended || (kept === undefined && this.#replay.has(id))) continue;
      this.#streams.delete(id);
      kept?.forgetStream(id);
    }
  }
}
