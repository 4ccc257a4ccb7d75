import { CallerQuota } from '../../base/caller-quota.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { shuttingDown } from '../../base/shutting-down.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { ReplayBufferOptions } from '../../session/replay-buffer.ts';
import type { HttpSession } from './http-session.ts';
import { newSessionId } from './session-id.ts';

export interface SessionLimits {
  /** Sessions open at once. Default 10 000; `initialize` is answered 503 beyond. */
  readonly maxSessions: number;
  /**
   * The same for one caller: one who has signed in, or one address. Default 1000; for callers on this
   * machine who have not signed in only what is set counts.
   */
  readonly maxSessionsPerCaller?: number | undefined;
  /** A session without a request, a call or a stream for so long is closed. Default 30 minutes. */
  readonly sessionIdleMs: number;
  /** Bytes a session keeps for clients that resume. Default 1 MiB. */
  readonly replayBytesPerSession: number;
  /** Bytes all sessions together keep for that; the oldest sessions give up theirs first. */
  readonly replayBytesTotal: number;
}

const SWEEPS_PER_IDLE_TIME = 4;

interface Entry {
  readonly session: HttpSession;
  lastSeenMs: number;
}

/** All sessions of a server, by their ids. */
export class SessionTable {
  readonly #clock: Clock;
  readonly #limits: SessionLimits;
  readonly #idPrefix: string;
  readonly #entries = new Map<string, Entry>();
  #sweep: Timer | undefined;
  readonly #quota: CallerQuota;
  #replayBytes = 0;

  constructor(clock: Clock, limits: SessionLimits, idPrefix: string) {
    this.#clock = clock;
    this.#limits = limits;
    this.#idPrefix = idPrefix;
    this.#quota = new CallerQuota({
      what: 'sessions; the settings are maxSessions and maxSessionsPerCaller',
      total: limits.maxSessions,
      totalCode: 'ERR_SESSION_LIMIT',
      perCaller: limits.maxSessionsPerCaller,
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * @throws {StromError} `ERR_CALLER_LIMIT`, `ERR_SESSION_LIMIT` when the caller, or all together, have
   * too many
   */
  add(
    principal: Principal,
    create: (id: string, replay: ReplayBufferOptions) => HttpSession,
    newId = newSessionId(this.#idPrefix),
  ): HttpSession {
    const refusal = this.#quota.take(principal);
    if (refusal !== undefined) throw refusal;
    const { sessionIdleMs, replayBytesPerSession } = this.#limits;
    const account = (delta: number): void => this.#account(delta, newId);
    const session = create(newId, { maxBytes: replayBytesPerSession, account });
    this.#entries.set(session.id, { session, lastSeenMs: this.#clock.elapsed() });
    this.#sweep ??= this.#clock.every(sessionIdleMs / SWEEPS_PER_IDLE_TIME, () => this.#expire());
    return session;
  }

  /** Whether a session of that id is open in this process. */
  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** All sessions that are open in this process. */
  all(): readonly HttpSession[] {
    return [...this.#entries.values()].map(({ session }) => session);
  }

  /**
   * The session of that id.
   *
   * @throws {StromError} `ERR_SESSION_UNKNOWN` for an id that is not, or no longer, in use, and just
   * the same for one that belongs to somebody else
   */
  get(id: string, principal: Principal): HttpSession {
    const entry = this.#entries.get(id);
    if (entry === undefined || !entry.session.isOwnedBy(principal))
      throw publicError('ERR_SESSION_UNKNOWN', 'Session not found');
    entry.lastSeenMs = this.#clock.elapsed();
    entry.session.kept?.used();
    return entry.session;
  }

  delete(session: HttpSession): void {
    this.#end(session, publicError('ERR_CANCELLED', 'The session was ended by the client.'));
    this.#stopWhenEmpty();
  }

  /** Lets go of a session that another process goes on with. */
  yield(session: HttpSession): void {
    if (this.#entries.get(session.id)?.session !== session) return;
    session.kept?.abandon();
    this.#end(session, publicError('ERR_INTERRUPTED', 'Another process holds the session now.'));
    this.#stopWhenEmpty();
  }

  /** Ends every session here; those in a store can be gone on with. */
  closeAll(): void {
    const reason = shuttingDown();
    for (const { session } of this.#entries.values()) this.#end(session, reason);
    this.#stopWhenEmpty();
  }

  #end(session: HttpSession, reason: StromError): void {
    // Two requests may ask for it at the same time, and what was taken once is given back once.
    if (this.#entries.get(session.id)?.session !== session) return;
    this.#entries.delete(session.id);
    this.#quota.release(session.principal);
    session.close(reason);
    session.kept?.close();
  }

  #expire(): void {
    const now = this.#clock.elapsed();
    for (const entry of this.#entries.values()) {
      const { session } = entry;
      // The idle time starts when the last call or stream has ended.
      if (session.isBusy) {
        entry.lastSeenMs = now;
        session.kept?.used();
      }
      if (now - entry.lastSeenMs < this.#limits.sessionIdleMs) continue;
      session.kept?.deleteSoon();
      this.#end(session, publicError('ERR_CANCELLED', 'The session was idle for too long.'));
    }
    this.#stopWhenEmpty();
  }

  /** Over the total, the oldest of the other sessions give up what they keep. */
  #account(delta: number, byId: string): void {
    this.#replayBytes += delta;
    // What a session gives up is accounted here as well, and asks nothing more of the others.
    if (delta <= 0) return;
    for (const [id, { session }] of this.#entries) {
      if (this.#replayBytes <= this.#limits.replayBytesTotal) return;
      if (id !== byId) session.forgetReplay();
    }
  }

  #stopWhenEmpty(): void {
    if (this.#entries.size > 0) return;
    this.#sweep?.cancel();
    this.#sweep = undefined;
  }
}
