import type { StoredTask, TaskPhase, Texts } from '../../tasks/task-store.ts';
import type { Connection } from './connection.ts';

/** As they are written: the place in the list is the number in the file. */
export const PHASES = ['open', 'completed', 'failed', 'cancelled'] as const satisfies TaskPhase[];

/** What a text of a task is. */
export const ROLE = { checkpoint: 0, answer: 1, question: 2, ending: 3 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

interface TaskRow {
  readonly id: number;
  readonly name: string;
  readonly owner: string;
  readonly kind: string;
  readonly phase: number;
  readonly attempt: number;
  readonly is_cancel_requested: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly expires_at: number | null;
  readonly message: string | null;
  readonly request: string;
  readonly seq: number | null;
}

const TASK = `SELECT task.*, name, request,
    (SELECT max(seq) FROM event WHERE event.call = task.id) AS seq
  FROM call JOIN task ON task.id = call.id JOIN task_text ON task_text.id = task.id
  WHERE name = ?`;
const VALUES = 'SELECT name, text FROM task_value WHERE task = ? AND role = ? ORDER BY id';
const KEEP = `INSERT INTO task_value (task, role, name, text) VALUES (?, ?, ?, ?)
  ON CONFLICT (task, role, name) DO UPDATE SET text = excluded.text`;

export function readRow(connection: Connection, name: string): TaskRow | undefined {
  return connection.get<TaskRow>(TASK, name);
}

export function readValues(connection: Connection, task: number, role: Role): Texts {
  const rows = connection.all<{ name: string; text: string }>(VALUES, task, role);
  return Object.fromEntries(rows.map(({ name, text }) => [name, text]));
}

/** A name that is there gets the new text. */
export function keepValues(
  connection: Connection,
  task: number,
  values: { readonly role: Role; readonly texts: Texts | undefined },
): void {
  for (const [name, text] of Object.entries(values.texts ?? {})) {
    connection.run(KEEP, task, values.role, name, text);
  }
}

export function storedTask(
  row: TaskRow,
  { end, questions }: Pick<StoredTask, 'end' | 'questions'>,
): StoredTask {
  return {
    id: row.name,
    owner: row.owner,
    kind: row.kind,
    request: row.request,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at ?? undefined,
    phase: PHASES[row.phase] ?? 'open',
    message: row.message ?? undefined,
    updatedAtMs: row.updated_at,
    end,
    isCancelRequested: row.is_cancel_requested === 1,
    questions,
    attempt: row.attempt,
    seq: row.seq ?? 0,
  };
}
