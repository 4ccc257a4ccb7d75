import type { JsonObject } from '../../base/json.ts';
import type { TaskHandle } from '../../client/task-handle.ts';
import type { TaskSnapshot } from '../../client/task-snapshot.ts';
import type { CommandRun } from '../command-run.ts';
import { plainLine } from '../live/terminal-text.ts';

function isoTime(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}

/** A task for programs; members that are not known are left out when it is written. */
export function taskFields(id: string | undefined, snapshot: TaskSnapshot): JsonObject {
  const { status, message, createdAtMs, updatedAtMs, expiresAtMs, questions, error } = snapshot;
  return {
    id,
    status,
    message,
    createdAt: isoTime(createdAtMs),
    updatedAt: isoTime(updatedAtMs),
    expiresAt: isoTime(expiresAtMs),
    ...(questions.length > 0 && { questions }),
    ...(error && { error: { code: error.code, message: error.message } }),
  };
}

/** Says that a task has been left running, and how to come back to it. */
export async function printDetached(run: CommandRun, task: TaskHandle): Promise<void> {
  const { flags, out, view } = run;
  const { id = '', tool } = task;
  if (flags.json) await out.json({ task: { id, tool } }, 'pretty');
  else if (flags.ndjson) await out.json({ type: 'detached', task: { id, tool } }, 'line');
  else await out.text(id);
  view.note(`It goes on: strom task watch ${plainLine(id)}`);
}
