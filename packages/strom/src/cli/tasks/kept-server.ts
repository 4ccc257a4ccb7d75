import path from 'node:path';
import process from 'node:process';
import { StromError } from '../../base/strom-error.ts';
import type { TaskHandle } from '../../client/task-handle.ts';
import type { CommandRun } from '../command-run.ts';
import type { ServerWords } from '../with-client.ts';
import { type KeptServer, keepTask, taskFile } from './task-file.ts';

/** The server of a command line, in a form that means the same tomorrow and elsewhere. */
export function keptServer({ word, command }: ServerWords, config: string | undefined): KeptServer {
  if (command !== undefined) return { command, cwd: process.cwd() };
  return {
    ...(word !== undefined && { word }),
    ...(config !== undefined && { config: path.resolve(config) }),
  };
}

/** A server in a word. */
export function labelOf({ word, command = [] }: KeptServer): string {
  if (word === undefined) return command.join(' ');
  if (!URL.canParse(word)) return word;
  const { origin, pathname } = new URL(word);
  return `${origin}${pathname}`;
}

/** Keeps a task for later; a file that cannot be written is told and ends nothing. */
export async function keep(run: CommandRun, task: TaskHandle, server: KeptServer): Promise<void> {
  const saved = task.toJSON();
  if (saved === undefined) return;
  const keptAt = new Date(run.host.clock.now()).toISOString();
  try {
    await keepTask(taskFile(run.host.env), { ...saved, server, keptAt });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    run.view.note(`the task ${saved.id} could not be kept: ${reason}`, 'warning');
  }
}

/** Whether the server has forgotten the task, or never knew it. */
export function isUnknown(error: unknown): boolean {
  return error instanceof StromError && error.code === 'ERR_UNKNOWN_TASK';
}
