import type { JsonPieces } from '../../tasks/task-store.ts';
import type { Connection } from './connection.ts';
import { ROLE } from './task-rows.ts';

const KEEP = 'INSERT INTO task_value (task, role, name, text) VALUES (?, ?, ?, ?)';
const READ = 'SELECT text FROM task_value WHERE task = ? AND role = ? ORDER BY id';

/**
 * How the tasks of a file ended. Each piece is a row, so that neither this process nor SQLite ever has
 * a large text as a whole.
 */
export class Endings {
  readonly #connection: Connection;
  /** The one read last, as long as anybody uses it. */
  #last: { readonly task: number; readonly pieces: WeakRef<readonly string[]> } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Part of a transaction that writes. */
  keep(task: number, end: JsonPieces): void {
    let count = 0;
    for (const piece of end) this.#connection.run(KEEP, task, ROLE.ending, String(count++), piece);
  }

  /** An end never changes: all who are told of a task at the same time share what was read once. */
  read(task: number): readonly string[] {
    const known = this.#last?.task === task ? this.#last.pieces.deref() : undefined;
    if (known !== undefined) return known;
    const rows = this.#connection.all<{ text: string }>(READ, task, ROLE.ending);
    const pieces = rows.map(({ text }) => text);
    // There is nothing to be shared of a small one.
    if (pieces.length > 1) this.#last = { task, pieces: new WeakRef(pieces) };
    return pieces;
  }
}
