import type { Clock } from '../../base/clock.ts';
import { StromError } from '../../base/strom-error.ts';
import { tooManyTasks } from '../../tasks/task-limit-error.ts';
import type {
  Claim,
  ClaimOptions,
  Created,
  CreateOptions,
  Lease,
  NewTask,
  StoredTask,
  TaskAnswer,
  TaskChange,
  TaskEnd,
  TaskPhase,
  TaskStore,
} from '../../tasks/task-store.ts';
import type { CallState, Calls } from './calls.ts';
import type { Connection } from './connection.ts';
import { Endings } from './endings.ts';
import { keepValues, PHASES, ROLE, readRow, readValues, storedTask } from './task-rows.ts';

const SAME_WORK = `SELECT name FROM task JOIN call ON call.id = task.id
  WHERE owner = ? AND work = ? AND created_at >= ? AND (expires_at IS NULL OR expires_at > ?)
  ORDER BY created_at DESC, task.id DESC LIMIT 1`;
const OPEN_OF_OWNER = 'SELECT count(*) AS count FROM task WHERE phase = 0 AND owner = ?';
const OPEN_IN_ALL = 'SELECT count(*) AS count FROM task WHERE phase = 0';
const INSERT = `INSERT INTO task (id, owner, kind, phase, attempt, is_cancel_requested, created_at,
  updated_at, expires_at, work) VALUES (?, ?, ?, 0, 0, 0, ?, ?, ?, ?)`;
const OF_KINDS = 'kind IN (SELECT value FROM json_each(?))';
const OLDEST_FREE = `SELECT id FROM task
  WHERE phase = 0 AND lease_until IS NULL AND ${OF_KINDS} ORDER BY id LIMIT 1`;
const OLDEST_LAPSED = `SELECT min(id) AS id FROM task
  WHERE phase = 0 AND lease_until <= ? AND ${OF_KINDS}`;
const FREE_BY_NAME = `SELECT task.id FROM task JOIN call ON call.id = task.id
  WHERE name = ? AND phase = 0 AND (lease_until IS NULL OR lease_until <= ?) AND ${OF_KINDS}`;
const TAKE = 'UPDATE task SET lease_until = ?, holder = ?, attempt = attempt + 1 WHERE id = ?';
const GIVE_BACK = `UPDATE task SET lease_until = NULL, holder = NULL, attempt = attempt - 1
  WHERE id = ?`;
// A clock that steps back makes no task older.
const TOUCH = 'updated_at = max(updated_at, ?)';
const CHANGE = `UPDATE task SET ${TOUCH}, message = coalesce(?, message) WHERE id = ?`;
const FINISH = `UPDATE task SET phase = ?, ${TOUCH}, message = coalesce(?, message),
  lease_until = NULL, holder = NULL WHERE id = ?`;
const CANCEL = `UPDATE task SET is_cancel_requested = 1, ${TOUCH}
  WHERE id = ? AND phase = 0 AND is_cancel_requested = 0`;
const ANSWER = 'DELETE FROM task_value WHERE task = ? AND role = ? AND name = ?';
const EXPIRED = `SELECT task.id, name FROM task JOIN call ON call.id = task.id
  WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`;

/** The tasks of a file. What changes something is part of a transaction that writes. */
export class Tasks {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #clock: Clock;
  readonly #endings: Endings;

  constructor(connection: Connection, calls: Calls, clock: Clock) {
    this.#connection = connection;
    this.#calls = calls;
    this.#clock = clock;
    this.#endings = new Endings(connection);
  }

  get(name: string): StoredTask | undefined {
    const row = readRow(this.#connection, name);
    if (row === undefined) return undefined;
    const { id, phase } = row;
    if (phase !== 0) return storedTask(row, { end: this.#endings.read(id), questions: {} });
    const questions = readValues(this.#connection, id, ROLE.question);
    return storedTask(row, { end: undefined, questions });
  }

  counts(): Readonly<Record<TaskPhase, number>> {
    const counts = { open: 0, completed: 0, failed: 0, cancelled: 0 };
    const rows = this.#connection.all<{ phase: number; count: number }>(
      'SELECT phase, count(*) AS count FROM task GROUP BY phase',
    );
    for (const { phase, count } of rows) counts[PHASES[phase] ?? 'open'] = count;
    return counts;
  }

  create(task: NewTask, { lease, maxInAll, maxPerOwner }: CreateOptions): Created {
    const same = this.#sameWork(task);
    if (same !== undefined) return { isNew: false, task: same };
    if (
      this.#count(OPEN_IN_ALL) >= maxInAll ||
      this.#count(OPEN_OF_OWNER, task.owner) >= maxPerOwner
    )
      throw tooManyTasks();
    const call = this.#calls.create(task.id);
    this.#insert(call.id, task);
    if (lease === undefined) this.#noteClaimable();
    const claim = lease && this.#take(call, lease);
    return { isNew: true, task: claim?.task ?? this.#stored(task.id), claim };
  }

  /** Changes the record of a task that is held. */
  change({ id }: CallState, { message, checkpoint, questions }: TaskChange): void {
    this.#connection.run(CHANGE, this.#clock.now(), message ?? null, id);
    keepValues(this.#connection, id, { role: ROLE.checkpoint, texts: checkpoint });
    keepValues(this.#connection, id, { role: ROLE.question, texts: questions });
  }

  /** The task that would be claimed; it may be read without a transaction. */
  claimable({ id: name, kinds }: ClaimOptions): number | undefined {
    const nowMs = this.#clock.now();
    const known = JSON.stringify(kinds);
    if (name !== undefined) return this.#id(FREE_BY_NAME, name, nowMs, known);
    const free = this.#id(OLDEST_FREE, known);
    const lapsed = this.#id(OLDEST_LAPSED, nowMs, known);
    if (free === undefined || lapsed === undefined) return free ?? lapsed;
    return Math.min(free, lapsed);
  }

  claim(options: ClaimOptions): Claim | undefined {
    const id = this.claimable(options);
    if (id === undefined) return undefined;
    const row = this.#connection.get<{ name: string }>('SELECT name FROM call WHERE id = ?', id);
    const call = row && this.#calls.find(row.name);
    return call && this.#take(call, options.lease);
  }

  heartbeat(name: string, fence: number, durationMs: number): void {
    const call = this.#calls.held(name, fence);
    const untilMs = this.#clock.now() + durationMs;
    this.#connection.run('UPDATE task SET lease_until = ? WHERE id = ?', untilMs, call.id);
  }

  /** @returns whether there was something to give back */
  release(name: string, fence: number): boolean {
    const call = this.#calls.find(name);
    if (call?.isHeld !== true || call.fence !== fence) return false;
    this.#calls.letGo(call);
    this.#connection.run(GIVE_BACK, call.id);
    this.#noteClaimable();
    return true;
  }

  finish(...[name, fence, end, events]: Parameters<TaskStore['finish']>): void {
    const call = this.#calls.held(name, fence);
    this.#end(call.id, end);
    this.#calls.add(call, events);
    this.#calls.letGo(call);
  }

  cancel(name: string, event: string): void {
    const call = this.#calls.find(name);
    if (call === undefined) return;
    const isFirst = this.#connection.run(CANCEL, this.#clock.now(), call.id) === 1;
    if (isFirst) this.#calls.add(call, [event]);
  }

  answer(name: string, answers: readonly TaskAnswer[]): void {
    const call = this.#calls.find(name);
    if (call === undefined) return;
    const taken = answers.filter(
      ({ key }) => this.#connection.run(ANSWER, call.id, ROLE.question, key) === 1,
    );
    if (taken.length === 0) return;
    const texts = Object.fromEntries(taken.map(({ key, answer }) => [key, answer]));
    keepValues(this.#connection, call.id, { role: ROLE.answer, texts });
    this.#connection.run(CHANGE, this.#clock.now(), null, call.id);
    const events = taken.map(({ event }) => event);
    this.#calls.add(call, events);
  }

  /** @returns how many were deleted */
  deleteExpired(most: number): number {
    const nowMs = this.#clock.now();
    const expired = this.#connection.all<{ id: number; name: string }>(EXPIRED, nowMs, most);
    for (const { id, name } of expired) {
      this.#connection.run('DELETE FROM task WHERE id = ?', id);
      this.#connection.run('DELETE FROM task_text WHERE id = ?', id);
      this.#connection.run('DELETE FROM task_value WHERE task = ?', id);
      this.#calls.delete(id, name);
    }
    return expired.length;
  }

  #sameWork({ owner, idempotency, createdAtMs }: NewTask): StoredTask | undefined {
    if (idempotency === undefined) return undefined;
    const { key, notBeforeMs } = idempotency;
    const row = this.#connection.get<{ name: string }>(
      SAME_WORK,
      owner,
      key,
      notBeforeMs,
      createdAtMs,
    );
    return row && this.get(row.name);
  }

  #count(sql: string, ...owner: string[]): number {
    return this.#connection.get<{ count: number }>(sql, ...owner)?.count ?? 0;
  }

  #id(sql: string, ...values: (string | number)[]): number | undefined {
    return this.#connection.get<{ id: number | null }>(sql, ...values)?.id ?? undefined;
  }

  #insert(id: number, task: NewTask): void {
    const { owner, kind, request, createdAtMs, expiresAtMs = null, idempotency } = task;
    const times = [createdAtMs, createdAtMs, expiresAtMs] as const;
    this.#connection.run(INSERT, id, owner, kind, ...times, idempotency?.key ?? null);
    this.#connection.run('INSERT INTO task_text (id, request) VALUES (?, ?)', id, request);
    keepValues(this.#connection, id, { role: ROLE.checkpoint, texts: task.checkpoint });
    keepValues(this.#connection, id, { role: ROLE.answer, texts: task.answers });
  }

  #take(call: CallState, { durationMs, holder }: Lease): Claim {
    this.#calls.hold(call, call.fence + 1);
    this.#connection.run(TAKE, this.#clock.now() + durationMs, holder, call.id);
    return {
      task: this.#stored(call.name),
      fence: call.fence,
      checkpoint: readValues(this.#connection, call.id, ROLE.checkpoint),
      answers: readValues(this.#connection, call.id, ROLE.answer),
    };
  }

  #stored(name: string): StoredTask {
    const task = this.get(name);
    if (task === undefined) throw new StromError('ERR_STORE', 'the file is damaged: no such task');
    return task;
  }

  #end(id: number, { phase, message, end }: TaskEnd): void {
    this.#connection.run(FINISH, PHASES.indexOf(phase), this.#clock.now(), message ?? null, id);
    // Nobody goes on with it, so nothing of this is needed any more.
    this.#connection.run('DELETE FROM task_value WHERE task = ?', id);
    this.#endings.keep(id, end);
  }

  #noteClaimable(): void {
    this.#connection.run('UPDATE state SET claimables = claimables + 1');
  }
}
