import { StromError } from '../../base/strom-error.ts';
import { WireError } from '../../base/wire-error.ts';
import type { Client } from '../../client/client.ts';
import type { TaskHandle } from '../../client/task-handle.ts';
import { CliError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import { askKey, canAskKey } from '../questions/ask-key.ts';
import { isUnknown, keep } from './kept-server.ts';
import { forgetTasks, type KeptServer, taskFile } from './task-file.ts';

const PROMPT = 'Ctrl-C: d leaves the task running, c cancels it, g goes on: ';
const KEYS: ReadonlyMap<string, string> = new Map([
  ['d', 'detach'],
  ['c', 'cancel'],
  ['\u0003', 'cancel'],
  ['g', 'go on'],
  ['\r', 'go on'],
  ['\n', 'go on'],
]);

/**
 * A call that may become a task: then it is kept in the file for as long as it runs, so that a
 * command that dies leaves a trace, and Ctrl-C offers once to leave it running.
 */
export class TaskAttendance {
  readonly #run: CommandRun;
  readonly #client: Client;
  readonly #server: KeptServer;
  readonly #over = new AbortController();
  #task: TaskHandle | undefined;
  #detached: TaskHandle | undefined;
  #withdraw: () => void = () => undefined;

  constructor(run: CommandRun, client: Client, server: KeptServer) {
    this.#run = run;
    this.#client = client;
    this.#server = server;
  }

  /** The task the person has chosen to leave. */
  get detached(): TaskHandle | undefined {
    return this.#detached;
  }

  async begin(task: TaskHandle): Promise<void> {
    this.#task = task;
    await keep(this.#run, task, this.#server);
    if (!canAskKey(this.#run)) return;
    // Never rejects: the question has an answer however it ends.
    this.#withdraw = this.#run.interrupt.offerOnce(() => void this.#offer(task));
  }

  /** Must be called when the call is over, however it ended. */
  async end(error?: unknown): Promise<void> {
    this.#over.abort();
    this.#withdraw();
    const id = this.#task?.id;
    if (id === undefined || this.#detached !== undefined) return;
    if (error === undefined || isEnd(error)) await forget(this.#run, id);
  }

  /** What a failure of the call means to the person. */
  explain(error: unknown): unknown {
    const isCancelled = error instanceof StromError && error.code === 'ERR_CANCELLED';
    const isOurs = this.#run.interrupt.reason !== undefined;
    return this.#task !== undefined && isCancelled && !isOurs ? cancelledTask(error) : error;
  }

  async #offer(task: TaskHandle): Promise<void> {
    const { signal } = this.#over;
    const question = { prompt: PROMPT, keys: KEYS, otherwise: 'go on', signal };
    const choice = await askKey(this.#run, question);
    if (signal.aborted) return;
    if (choice === 'cancel') this.#run.interrupt.stop('interrupted');
    if (choice !== 'detach') return;
    this.#detached = task;
    await this.#client.close();
  }
}

/** A task that somebody else has cancelled. */
export function cancelledTask(cause: Error): CliError {
  return new CliError('task_cancelled', cause.message, { cause });
}

/** Whether there is nothing left to come back to. */
function isEnd(error: unknown): boolean {
  if (error instanceof WireError || isUnknown(error)) return true;
  return error instanceof StromError && error.code === 'ERR_CANCELLED';
}

async function forget(run: CommandRun, id: string): Promise<void> {
  try {
    await forgetTasks(taskFile(run.host.env), [id]);
  } catch {
    // The list will find out that the server has forgotten the task.
  }
}
