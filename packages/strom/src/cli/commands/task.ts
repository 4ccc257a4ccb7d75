/**
 * `strom task`: calls that go on by themselves.
 *
 * @module
 */
import type { JsonObject } from '../../base/json.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Client } from '../../client/client.ts';
import { tellTask } from '../../client/tool-call.ts';
import type { CallToolResult } from '../../protocol/spec/2026-07-28.ts';
import { usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import { describeError } from '../describe-error.ts';
import { fitLine, plainLine } from '../live/terminal-text.ts';
import { table } from '../output/table.ts';
import { canAskKey } from '../questions/ask-key.ts';
import { isUnknown, labelOf } from '../tasks/kept-server.ts';
import { cancelledTask } from '../tasks/task-attendance.ts';
import {
  forgetTasks,
  type KeptServer,
  type KeptTask,
  readTasks,
  taskFile,
} from '../tasks/task-file.ts';
import { taskFields } from '../tasks/task-view.ts';
import {
  namedServer,
  type TakenUp,
  type TaskFlags,
  type TaskWords,
  withServer,
  withTask,
} from '../tasks/with-task.ts';
import { printOutcome } from './call.ts';

export type { TaskFlags };

const HEAD = ['id', 'tool', 'status', 'message', 'server'];
const MAX_MESSAGE_COLUMNS = 48;
/** How long a server of the list may be silent; there may be several, and a person waits. */
const LIST_TIMEOUT_MS = 10_000;
const KEEP_GONE_MS = 24 * 60 * 60 * 1000;

/** A kept task and how it stands: as the server says, `gone` or `unreachable`. */
type Listed = JsonObject & {
  readonly id: string;
  readonly status: string;
  readonly keptAt: string;
};

/** `strom task list`. */
export async function listTasks(run: CommandRun, words: Omit<TaskWords, 'id'>): Promise<void> {
  const file = taskFile(run.host.env);
  const named = namedServer(words);
  const isWanted = ({ server }: KeptTask): boolean =>
    named === undefined || labelOf(server) === labelOf(named);
  const groups = byServer(readTasks(file).filter(isWanted));
  const { header = [] } = words.flags;
  if (header.length > 0 && groups.length > 1) {
    throw usageError('-H would go to several servers', 'Name one of them with --server.');
  }
  const listed = (
    await Promise.all(groups.map((group) => listGroup(run, group, words.flags)))
  ).flat();
  await forgetTasks(file, longGone(listed, run.host.clock.now()));
  if (run.flags.json) return run.out.json(listed, 'pretty');
  if (listed.length === 0) return run.out.text('No task is kept.');
  return run.out.text(table([HEAD, ...listed.map(cells)]));
}

/** Whoever asks as somebody else is told the same as for a task that is gone, so it is kept a while. */
function longGone(listed: readonly Listed[], nowMs: number): string[] {
  const isOld = ({ keptAt }: Listed): boolean => nowMs - Date.parse(keptAt) > KEEP_GONE_MS;
  return listed.filter((one) => one.status === 'gone' && isOld(one)).map(({ id }) => id);
}

interface Group {
  readonly server: KeptServer;
  readonly tasks: readonly KeptTask[];
}

function byServer(tasks: readonly KeptTask[]): readonly Group[] {
  const groups = new Map<string, { server: KeptServer; tasks: KeptTask[] }>();
  for (const task of tasks) {
    const key = JSON.stringify(task.server);
    const group = groups.get(key) ?? { server: task.server, tasks: [] };
    group.tasks.push(task);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function listGroup(run: CommandRun, group: Group, flags: TaskFlags): Promise<Listed[]> {
  const { server, tasks } = group;
  const listed: Listed[] = [];
  const timeout = flags.timeout ?? LIST_TIMEOUT_MS;
  try {
    await withServer(run, { server, flags: { ...flags, timeout } }, async (client) => {
      for (const task of tasks) listed.push(await listTask(run, client, task));
    });
  } catch (error) {
    const { message } = describeError(error, { label: labelOf(server) });
    const left = tasks.slice(listed.length);
    listed.push(...left.map((task) => entry(task, { status: 'unreachable', message })));
  }
  return listed;
}

async function listTask(run: CommandRun, client: Client, kept: KeptTask): Promise<Listed> {
  try {
    const { signal } = run.interrupt;
    return entry(kept, taskFields(kept.id, await client.resumeTask(kept).status({ signal })));
  } catch (error) {
    if (isUnknown(error)) return entry(kept, { status: 'gone' });
    throw error;
  }
}

function entry({ id, tool, server, keptAt }: KeptTask, fields: JsonObject): Listed {
  const status = String(fields['status']);
  return { ...fields, id, tool, status, server: labelOf(server), keptAt };
}

function cells({ id, tool = '', status, message = '', server }: Listed): string[] {
  const told = fitLine(plainLine(String(message)), MAX_MESSAGE_COLUMNS);
  return [id, String(tool), status, told, String(server)];
}

/** `strom task watch`: leaves the task alone however the watching ends. */
export async function watchTask(run: CommandRun, words: TaskWords): Promise<void> {
  const questions = canAskKey(run) ? 'handlers' : 'manual';
  await withTask(run, { ...words, questions }, async (taken) => {
    run.view.begin(taken.kept.tool ?? taken.kept.id);
    await finish(run, taken, { isLive: true, isAsked: questions === 'manual' });
  });
}

/** `strom task result`: the same without any show. */
export async function printResult(run: CommandRun, words: TaskWords): Promise<void> {
  await withTask(run, { ...words, questions: 'manual' }, (taken) =>
    finish(run, taken, { isLive: false, isAsked: true }),
  );
}

interface Watching {
  readonly isLive: boolean;
  /** Whether the person has to be told of questions, because nobody asks them here. */
  readonly isAsked: boolean;
}

async function finish(run: CommandRun, taken: TakenUp, watching: Watching): Promise<void> {
  const { kept } = taken;
  const result = await follow(run, taken, watching).catch((error: unknown) => {
    const isCancelled = error instanceof StromError && error.code === 'ERR_CANCELLED';
    throw isCancelled && run.interrupt.reason === undefined ? cancelledTask(error) : error;
  });
  await printOutcome(run, result, { name: kept.tool ?? 'the task' });
}

async function follow(
  run: CommandRun,
  { task, kept }: TakenUp,
  { isLive, isAsked }: Watching,
): Promise<CallToolResult> {
  const events = tellTask(task, { signal: run.interrupt.signal });
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    if (value.kind === 'progress' && isLive) run.view.progress(value);
    if (value.kind === 'question' && isAsked) {
      run.view.note(`It asks something: strom task answer ${plainLine(kept.id)}`, 'warning');
    }
  }
}

/** `strom task cancel`. */
export async function cancelTask(run: CommandRun, words: TaskWords): Promise<void> {
  await withTask(run, { ...words, questions: 'manual' }, async ({ task, kept }) => {
    const { signal } = run.interrupt;
    await task.cancel({ signal });
    const snapshot = await task.status({ signal });
    if (run.flags.json) return run.out.json(taskFields(kept.id, snapshot), 'pretty');
    const isStopped = snapshot.status !== 'working' && snapshot.status !== 'input_required';
    return run.out.text(isStopped ? `It is ${snapshot.status}.` : 'It has been asked to stop.');
  });
}
