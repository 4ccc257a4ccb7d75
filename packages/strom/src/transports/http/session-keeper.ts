/**
 * Sessions beyond the life of a process: opened into a store, taken up again from there.
 *
 * ```
 * session id ─▶ open here? ─ yes ─▶ lease good? ─ no ─▶ renewed; what others took is let go
 *                  │ no
 *                  └─▶ record ─▶ owner ─▶ claim ─▶ open here in a new generation
 *                        └────────┴──▶ unknown   └─▶ elsewhere: another process holds it
 * ```
 *
 * @module
 */
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Principal } from '../../base/principal.ts';
import { shuttingDown } from '../../base/shutting-down.ts';
import { publicError, StromError } from '../../base/strom-error.ts';
import { KeptSession } from '../../session/kept-session.ts';
import { PastStreams } from '../../session/past-streams.ts';
import { ProcessLease, type ProcessWatch } from '../../session/process-lease.ts';
import { CLAIMS, type Claimed, SessionClaims } from '../../session/session-claims.ts';
import { readFacts, type SessionFacts } from '../../session/session-facts.ts';
import type { SessionStore } from '../../session/session-store.ts';
import type { HttpSession, HttpSessionOptions } from './http-session.ts';
import { newSessionId } from './session-id.ts';
import type { SessionTable } from './session-table.ts';

export interface SessionKeeperOptions {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sessions: SessionTable;
  /** How long an unused session lives, in milliseconds. */
  readonly idleMs: number;
  /** Starts the name of this process among those that hold sessions. */
  readonly namePrefix: string;
  readonly watch?: (() => Promise<ProcessWatch>) | undefined;
  /** Whether this process leaves, and takes up nothing any more. */
  isLeaving(): boolean;
  /** Makes a session of this server. */
  make(options: MadeSession): HttpSession;
}

/** What differs from session to session. */
export type MadeSession = Pick<
  HttpSessionOptions,
  'id' | 'principal' | 'replay' | 'kept' | 'onFailure'
>;

interface Kept {
  readonly id: string;
  readonly principal: Principal;
  readonly opener: string;
  readonly generation: number;
  readonly past: PastStreams;
}

const SESSION_ID = /^(w\d{1,4}-)?[0-9a-f]{48}$/;
/** What is kept in memory for readers that fall behind a little; the rest is in the store. */
const REPLAY_BYTES = 64 * 1024;

export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #self: string;
  readonly #lease: ProcessLease;
  readonly #claims: SessionClaims;
  /** Sessions that are being taken up, by id and caller. */
  readonly #recalls = new Map<string, Promise<string | undefined>>();

  constructor(options: SessionKeeperOptions) {
    const { store, clock, watch, namePrefix } = options;
    this.#options = options;
    this.#self = newSessionId(namePrefix);
    this.#claims = new SessionClaims(store, this.#self);
    this.#lease = new ProcessLease({
      ...{ store, clock, watch, id: this.#self },
      onLapsed: () => this.#letGoOfTaken(),
      onFailure: (error) => this.#failed(error),
    });
  }

  /** Makes a new session, which is not in the store before {@link KeptSession.save}. */
  async open(principal: Principal): Promise<HttpSession> {
    await this.#lease.start();
    const { store, sessions } = this.#options;
    return sessions.add(principal, (id, replay) => {
      const past = new PastStreams(store, id, []);
      return this.#make({ id, principal, opener: this.#self, generation: 0, past }, replay);
    });
  }

  /**
   * Makes sure that a session is open here if it can be.
   *
   * @returns the name of the process that holds it, if it is another
   * @throws {StromError} `ERR_STORE`; `ERR_SHUTTING_DOWN` for a session that would have to be taken up
   */
  admit(id: string, principal: Principal): Promise<string | undefined> | undefined {
    if (this.#options.sessions.has(id)) {
      return this.#lease.isGood ? undefined : this.#lease.renew().then(() => undefined);
    }
    if (!SESSION_ID.test(id)) return undefined;
    const key = `${id} ${principal.id}`;
    const running = this.#recalls.get(key);
    if (running !== undefined) return running;
    const recall = this.#recall(id, principal).finally(() => this.#recalls.delete(key));
    this.#recalls.set(key, recall);
    return recall;
  }

  /**
   * Leaves the sessions that are open here to others.
   *
   * @param closeAll - ends what runs; what it says last is still written
   */
  async close(closeAll: () => void): Promise<void> {
    const kept = this.#options.sessions.all().map((session) => session.kept);
    closeAll();
    await Promise.all(kept.map((session) => session?.flushed()));
    await this.#lease.end().catch((error: unknown) => this.#failed(error));
  }

  async #recall(id: string, principal: Principal): Promise<string | undefined> {
    const { store, clock, sessions } = this.#options;
    const record = await store.session(id);
    if (record?.owner !== principal.id || record.expiresAtMs <= clock.now()) {
      return undefined;
    }
    const facts = readFacts(record.facts);
    if (facts === undefined) return undefined;
    if (this.#options.isLeaving()) throw shuttingDown();
    await this.#lease.start();
    const claimed = await this.#claim(id, facts);
    if (!claimed.isMine) return claimed.holder;
    const { generation } = claimed;
    const streams = (await store.streams(id)).filter((stream) => stream.id !== CLAIMS);
    const surplus = PastStreams.surplus(streams);
    for (const stream of surplus) await store.deleteStream(id, stream.id);
    const past = new PastStreams(
      store,
      id,
      streams.filter((stream) => !surplus.includes(stream)),
    );
    const { opener } = facts;
    const session = sessions.add(
      principal,
      (_, replay) => this.#make({ id, principal, opener, generation, past }, replay),
      id,
    );
    session.restore(facts);
    await session.kept?.save();
    return undefined;
  }

  async #claim(id: string, { opener }: SessionFacts): Promise<Claimed> {
    try {
      return await this.#claims.claim(id, opener, (holder) => this.#lease.isGone(holder));
    } catch (error) {
      // Deleted in the meantime.
      if (error instanceof StromError && error.code === 'ERR_TASK_FENCED') {
        throw publicError('ERR_SESSION_UNKNOWN', 'Session not found');
      }
      throw error;
    }
  }

  #make(kept: Kept, replay: HttpSessionOptions['replay']): HttpSession {
    const { store, clock, idleMs, sessions, make } = this.#options;
    const { id, principal, opener, generation, past } = kept;
    const onFailure = (error: unknown): void => this.#failed(error);
    const session: HttpSession = make({
      id,
      principal,
      replay: { ...replay, maxBytes: Math.min(replay.maxBytes, REPLAY_BYTES) },
      onFailure,
      kept: new KeptSession({
        ...{ store, clock, id, opener, generation, past, idleMs, onFailure },
        owner: principal.id,
        onLost: () => sessions.yield(session),
      }),
    });
    return session;
  }

  /** After a pause in which others may have taken this process for gone. */
  async #letGoOfTaken(): Promise<void> {
    const { sessions } = this.#options;
    for (const session of sessions.all()) {
      const { id, kept } = session;
      if (kept === undefined) continue;
      const isMine = await this.#claims.isCurrent(id, kept.generation);
      if (!isMine) sessions.yield(session);
    }
  }

  #failed(error: unknown): void {
    this.#options.logger.error({ err: error }, 'a session could not be kept');
  }
}
