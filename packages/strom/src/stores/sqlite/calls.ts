import { StromError } from '../../base/strom-error.ts';
import type { JournalEvent } from '../../calls/journal.ts';
import type { JournalBounds } from '../../calls/journal-bounds.ts';
import type { Connection } from './connection.ts';

/** A call as its last event and its claim have left it. */
export interface CallState {
  readonly id: number;
  readonly name: string;
  fence: number;
  /** Whether its fence is good. */
  isHeld: boolean;
  /** The number of its last event. */
  seq: number;
  /** Bytes of all its events, those included that are gone. */
  total: number;
}

interface StateRow {
  readonly id: number;
  readonly fence: number;
  readonly is_held: number;
  readonly seq: number | null;
  readonly total: number | null;
}

const FIND = `SELECT call.id, fence, is_held, seq, total FROM call
  LEFT JOIN event ON event.call = call.id
    AND seq = (SELECT max(seq) FROM event WHERE event.call = call.id)
  WHERE name = ?`;
const INSERT_EVENT = 'INSERT INTO event (id, call, seq, total, text) VALUES (?, ?, ?, ?, ?)';
const LAST_EVENT = `SELECT max(event_floor, coalesce((SELECT max(id) FROM event), 0)) AS id
  FROM state`;
const OLDEST = 'SELECT seq, total FROM event WHERE call = ? ORDER BY seq LIMIT 500';
const DELETE_OLDEST = 'DELETE FROM event WHERE call = ? AND seq <= ?';
const READ = `SELECT seq, text FROM event WHERE call = (SELECT id FROM call WHERE name = ?)
  AND seq > ? ORDER BY seq LIMIT ?`;

/** So many are remembered before all are forgotten. */
const MOST_REMEMBERED = 10_000;
/** A journal is trimmed when it has grown by this share of its bounds. */
const TRIM_SHARE = 32;

/**
 * The journals of all calls, and the fences they are written under. What was read is remembered
 * until another connection has written: to append is then one insertion.
 *
 * All but {@link read} and {@link has} are part of a transaction that writes.
 */
export class Calls {
  readonly #connection: Connection;
  readonly #bounds: Required<JournalBounds>;
  readonly #states = new Map<string, CallState>();
  #lastEvent: number | undefined;
  readonly #changed = new Set<string>();

  constructor(connection: Connection, bounds: Required<JournalBounds>) {
    this.#connection = connection;
    this.#bounds = bounds;
  }

  has(name: string): boolean {
    return this.#connection.get('SELECT 1 FROM call WHERE name = ?', name) !== undefined;
  }

  read(name: string, after: number, limit: number): readonly JournalEvent[] {
    return this.#connection
      .all<JournalEvent>(READ, name, after, limit)
      .map(({ seq, text }) => ({ seq, text }));
  }

  find(name: string): CallState | undefined {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const row = this.#connection.get<StateRow>(FIND, name);
    if (row === undefined) return undefined;
    const { id, fence, is_held, seq, total } = row;
    return this.#remember({
      id,
      name,
      fence,
      isHeld: is_held === 1,
      seq: seq ?? 0,
      total: total ?? 0,
    });
  }

  /** @throws {StromError} `ERR_TASK_FENCED` when a call is not held under this fence */
  held(name: string, fence: number): CallState {
    const call = this.find(name);
    if (call?.isHeld === true && call.fence === fence) return call;
    throw new StromError('ERR_TASK_FENCED', 'the call has ended, or belongs to somebody else now');
  }

  create(name: string): CallState {
    const row = this.#connection.get<{ id: number }>(
      'INSERT INTO call (name, fence, is_held) VALUES (?, 0, 0) RETURNING id',
      name,
    );
    const id = row?.id ?? 0;
    return this.#remember({ id, name, fence: 0, isHeld: false, seq: 0, total: 0 });
  }

  /** Gives a call to somebody. */
  hold(call: CallState, fence: number): void {
    this.#connection.run('UPDATE call SET fence = ?, is_held = 1 WHERE id = ?', fence, call.id);
    call.fence = fence;
    call.isHeld = true;
  }

  /** Makes the fence of a call void. */
  letGo(call: CallState): void {
    this.#connection.run('UPDATE call SET is_held = 0 WHERE id = ?', call.id);
    call.isHeld = false;
  }

  /** Adds events to a journal. */
  add(call: CallState, texts: readonly string[]): number {
    if (texts.length === 0) return call.seq;
    const { seq, total } = call;
    let id = this.#newestEvent();
    const insert = this.#connection.prepare(INSERT_EVENT);
    for (const text of texts) {
      id += 1;
      call.seq += 1;
      call.total += Buffer.byteLength(text);
      insert.run(id, call.id, call.seq, call.total, text);
    }
    this.#lastEvent = id;
    this.#changed.add(call.name);
    const { maxEventsPerCall, maxJournalBytesPerCall } = this.#bounds;
    const mayBeTooMuch =
      passes(seq, call.seq, maxEventsPerCall) || passes(total, call.total, maxJournalBytesPerCall);
    if (mayBeTooMuch) this.#trim(call);
    return call.seq;
  }

  /** Deletes a call; its events go later, see {@link sweep}. */
  delete(id: number, name: string): void {
    // The numbers of events that are gone are not given again, or others would miss the new ones.
    this.#connection.run(
      'UPDATE state SET deletions = deletions + 1, event_floor = ?',
      this.#newestEvent(),
    );
    this.#connection.run('DELETE FROM call WHERE id = ?', id);
    this.#connection.run('INSERT INTO doomed VALUES (?)', id);
    this.#states.delete(name);
    this.#changed.add(name);
  }

  /**
   * Removes some events of calls that were deleted.
   *
   * @returns whether there may be more
   */
  sweep(most: number): boolean {
    const doomed = this.#connection.get<{ call: number }>('SELECT call FROM doomed LIMIT 1');
    if (doomed === undefined) return false;
    const removed = this.#connection.run(
      'DELETE FROM event WHERE id IN (SELECT id FROM event WHERE call = ? LIMIT ?)',
      doomed.call,
      most,
    );
    if (removed < most) this.#connection.run('DELETE FROM doomed WHERE call = ?', doomed.call);
    return true;
  }

  /** Forgets what was read, because it may not hold any more. */
  forget(): void {
    this.#states.clear();
    this.#lastEvent = undefined;
  }

  /** The calls that changed since this was asked last. */
  takeChanged(): readonly string[] {
    const names = [...this.#changed];
    this.#changed.clear();
    return names;
  }

  #remember(call: CallState): CallState {
    if (this.#states.size >= MOST_REMEMBERED) this.#states.clear();
    this.#states.set(call.name, call);
    return call;
  }

  #newestEvent(): number {
    this.#lastEvent ??= this.#connection.get<{ id: number }>(LAST_EVENT)?.id ?? 0;
    return this.#lastEvent;
  }

  /** Removes the oldest events beyond the bounds; the newest stays. */
  #trim(call: CallState): void {
    const lastSeq = call.seq - this.#bounds.maxEventsPerCall;
    const lastTotal = call.total - this.#bounds.maxJournalBytesPerCall;
    for (;;) {
      const oldest = this.#connection.all<{ seq: number; total: number }>(OLDEST, call.id);
      const last = oldest.findLast(
        ({ seq, total }) => seq < call.seq && (seq <= lastSeq || total <= lastTotal),
      );
      if (last === undefined) return;
      this.#connection.run(DELETE_OLDEST, call.id, last.seq);
    }
  }
}

/** Whether a journal is beyond a bound, and has grown by a share of it. */
function passes(before: number, now: number, bound: number): boolean {
  if (now <= bound) return false;
  const step = Math.max(1, Math.floor(bound / TRIM_SHARE));
  return Math.floor(before / step) < Math.floor(now / step);
}
