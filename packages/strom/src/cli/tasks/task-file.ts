/**
 * The tasks this user has left running, kept in a file because servers do not list them.
 *
 * Headers and variables are never kept: they may be secrets, and are given anew with each command.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { changeFile } from '../../base/node-guarded-file.ts';
import type { SavedTask } from '../../client/task-handle.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { Environment } from '../target/expand-env.ts';

const VERSION = 1;
/** Beyond this the oldest are forgotten. */
const MAX_TASKS = 500;
/** A prefix of an id is taken for the id only if nobody could type it by chance. */
const LEAST_PREFIX = 4;

/** A server in the words of the command line, to be used from any folder. */
export interface KeptServer {
  /** A URL, or a name of the file `config`. */
  readonly word?: string;
  readonly config?: string;
  readonly command?: readonly string[];
  /** Where the command is started. */
  readonly cwd?: string;
}

export interface KeptTask extends SavedTask {
  readonly server: KeptServer;
  /** When it was kept; ISO 8601. */
  readonly keptAt: string;
}

/** Where the tasks of this user are kept. */
export function taskFile(env: Environment, platform: NodeJS.Platform = process.platform): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = env;
  const home = path.join(homedir(), '.local', 'state');
  const folder = platform === 'win32' ? (local ?? home) : home;
  return path.join(
    state !== undefined && path.isAbsolute(state) ? state : folder,
    'strom',
    'tasks.json',
  );
}

/** @throws {CliError} `usage` when the file holds something else */
export function readTasks(file: string): readonly KeptTask[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw usageError(`cannot read ${file}: ${code ?? 'unknown reason'}`);
  }
  const content = parse(text);
  const tasks = isJsonObject(content) ? ownValue(content, 'tasks') : undefined;
  const isOurs = isJsonObject(content) && ownValue(content, 'version') === VERSION;
  if (!isOurs || !Array.isArray(tasks) || !tasks.every(isKept)) {
    throw usageError(`${file} holds no tasks of this version`, 'Remove it to start anew.');
  }
  return tasks;
}

/** Keeps a task, or what is new about one that is kept. */
export function keepTask(file: string, task: KeptTask): Promise<void> {
  return change(file, (tasks) => [...tasks.filter(({ id }) => id !== task.id), task]);
}

/** Forgets tasks; those that are not kept do not matter. */
export async function forgetTasks(file: string, ids: readonly string[]): Promise<void> {
  if (!readTasks(file).some(({ id }) => ids.includes(id))) return;
  await change(file, (tasks) => tasks.filter(({ id }) => !ids.includes(id)));
}

/**
 * The kept task that a person means by an id or its beginning.
 *
 * @throws {CliError} `task_not_found`; `usage` when the beginning is that of several
 */
export function findTask(file: string, word: string): KeptTask {
  const tasks = readTasks(file);
  const exact = tasks.find(({ id }) => id === word);
  if (exact !== undefined) return exact;
  const begun = tasks.filter(({ id }) => word.length >= LEAST_PREFIX && id.startsWith(word));
  const [first] = begun;
  if (begun.length > 1) throw usageError(`${word} is the beginning of ${begun.length} tasks`);
  if (first !== undefined) return first;
  const hint = 'strom task list shows them; --server names the server of a task made elsewhere.';
  throw new CliError('task_not_found', `no task ${word} is kept`, { hint });
}

async function change(
  file: string,
  edit: (tasks: readonly KeptTask[]) => readonly KeptTask[],
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await changeFile(file, (target, isThere) => {
    const tasks = edit(isThere ? readTasks(target) : []).slice(-MAX_TASKS);
    return `${JSON.stringify({ version: VERSION, tasks }, undefined, 2)}\n`;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller as a file that holds something else.
    return undefined;
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isKept(task: unknown): task is KeptTask {
  if (!isJsonObject(task)) return false;
  const server = ownValue(task, 'server');
  const { id, keptAt, tool = '', answered = [] } = task;
  const areTexts = [id, keptAt, tool].every((text) => typeof text === 'string');
  return areTexts && isTexts(answered) && isJsonObject(server) && isServer(server);
}

function isServer({ word, config = '', command, cwd = '' }: JsonObject): boolean {
  if (typeof config !== 'string' || typeof cwd !== 'string') return false;
  return command === undefined ? typeof word === 'string' : isTexts(command);
}
