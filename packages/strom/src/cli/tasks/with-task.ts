import type { Client } from '../../client/client.ts';
import type { TaskHandle, TaskHandleOptions } from '../../client/task-handle.ts';
import type { CommandRun } from '../command-run.ts';
import type { ConnectionFlags } from '../connection-flags.ts';
import { withClient } from '../with-client.ts';
import { keptServer } from './kept-server.ts';
import { findTask, type KeptServer, type KeptTask, taskFile } from './task-file.ts';

export interface TaskFlags extends ConnectionFlags {
  readonly server?: string;
}

/** What a command line says about one task. */
export interface TaskWords {
  readonly id: string;
  readonly flags: TaskFlags;
  readonly command: readonly string[] | undefined;
}

/** The server that a command line names; `undefined` when it names none. */
export function namedServer({ flags, command }: Omit<TaskWords, 'id'>): KeptServer | undefined {
  if (command === undefined && flags.server === undefined) return undefined;
  return keptServer({ word: flags.server, command }, flags.config);
}

/** Connects to the server of kept tasks. */
export function withServer(
  run: CommandRun,
  { server, flags }: { readonly server: KeptServer; readonly flags: TaskFlags },
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const { word, command, cwd, config } = server;
  const words = {
    word,
    command,
    cwd,
    flags: { ...flags, ...(config !== undefined && { config }) },
  };
  return withClient(run, words, use);
}

/** A kept task, taken up again. */
export interface TakenUp {
  readonly task: TaskHandle;
  readonly kept: KeptTask;
}

/** Takes up the task of a command line. */
export async function withTask(
  run: CommandRun,
  words: TaskWords & { readonly questions: NonNullable<TaskHandleOptions['questions']> },
  use: (taken: TakenUp) => Promise<void>,
): Promise<void> {
  const file = taskFile(run.host.env);
  const named = namedServer(words);
  const kept =
    named === undefined ? findTask(file, words.id) : { id: words.id, server: named, keptAt: '' };
  await withServer(run, { server: kept.server, flags: words.flags }, async (client) => {
    await use({ task: client.resumeTask(kept, { questions: words.questions }), kept });
  });
}
