import type { JsonObject } from '../../base/json.ts';
import type { Client } from '../../client/client.ts';
import type { StreamOptions } from '../../client/client-options.ts';
import type { StreamEvent } from '../../client/stream-event.ts';
import type { CallToolResult, Tool } from '../../protocol/spec/2026-07-28.ts';
import { TASKS_EXTENSION } from '../../protocol/task.ts';
import {
  argumentNames,
  describeArguments,
  misfits,
  unnamedArguments,
} from '../arguments/describe-arguments.ts';
import { parsePairs } from '../arguments/parse-pairs.ts';
import { readJsonObject } from '../arguments/read-arguments.ts';
import { typeArguments } from '../arguments/type-arguments.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { ConnectionFlags } from '../connection-flags.ts';
import { pieceOf } from '../output/content-text.ts';
import { printToolResult } from '../output/print-content.ts';
import { splitWords } from '../split-words.ts';
import { suggest } from '../suggest.ts';
import { keep, keptServer } from '../tasks/kept-server.ts';
import { TaskAttendance } from '../tasks/task-attendance.ts';
import type { KeptServer } from '../tasks/task-file.ts';
import { printDetached } from '../tasks/task-view.ts';
import { withClient } from '../with-client.ts';

export interface CallFlags extends ConnectionFlags {
  readonly args?: string;
  readonly detach?: boolean;
  readonly idempotencyKey?: string;
}

export interface CallWords {
  readonly words: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly flags: CallFlags;
}

/** `strom call`: one tool, live. */
export async function runCall(
  run: CommandRun,
  { words, command, flags }: CallWords,
): Promise<void> {
  const { word, name, rest } = splitWords(words, command);
  if (name === undefined) {
    throw usageError('no tool is given', 'strom list shows what the server has.');
  }
  const typed = parsePairs(rest);
  const { args } = flags;
  const base = args === undefined ? {} : await readJsonObject('--args', args, run.host.stdin);
  await withClient(run, { word, command, flags }, async (client) => {
    const tool = await findTool(run, client, name);
    const { detach, idempotencyKey } = flags;
    const call = {
      tool,
      args: { ...base, ...typeArguments(typed, tool.inputSchema) },
      options: {
        signal: run.interrupt.signal,
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      },
      server: keptServer({ word, command }, flags.config),
    };
    warnOfUnnamed(run, call);
    const result = detach ? await begin(run, client, call) : await follow(run, client, call);
    if (result !== undefined) await finish(run, result, call);
  });
}

/** @throws {CliError} `tool_not_found` with the name that may be meant; it is never called instead */
async function findTool(run: CommandRun, client: Client, name: string): Promise<Tool> {
  const tools = await client.listTools({ signal: run.interrupt.signal });
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool !== undefined) return tool;
  const names = tools.map((candidate) => candidate.name);
  const hint = suggest(name, names) ?? `It has: ${names.join(', ') || 'none'}.`;
  throw new CliError('tool_not_found', `${client.server.name} has no tool called ${name}`, {
    hint,
  });
}

/** Many servers take what they do not know in silence, and do something else than was meant. */
function warnOfUnnamed({ view, flags }: CommandRun, { tool, args }: ToolCall): void {
  if (flags.ndjson === true) return;
  const { name, inputSchema } = tool;
  for (const unnamed of unnamedArguments(args, inputSchema)) {
    const hint = suggest(unnamed, argumentNames(inputSchema)) ?? '';
    view.note(`${name} names no argument ${unnamed}. ${hint}`.trimEnd());
  }
}

interface ToolCall {
  readonly tool: Tool;
  readonly args: JsonObject;
  readonly options: StreamOptions;
  readonly server: KeptServer;
}

/**
 * Shows every event as it comes, and returns the last one; none where the person has left the call
 * running as a task.
 */
async function follow(
  run: CommandRun,
  client: Client,
  call: ToolCall,
): Promise<CallToolResult | undefined> {
  const attendance = new TaskAttendance(run, client, call.server);
  try {
    const result = await watch(run, client.stream(call.tool.name, call.args, call.options), {
      name: call.tool.name,
      attendance,
    });
    await attendance.end();
    return result;
  } catch (error) {
    await attendance.end(error);
    const { detached } = attendance;
    if (detached === undefined) throw attendance.explain(error);
    run.view.done();
    await printDetached(run, detached);
    return undefined;
  }
}

interface Watched {
  readonly name: string;
  readonly attendance: TaskAttendance;
}

async function watch(
  run: CommandRun,
  events: AsyncIterable<StreamEvent>,
  { name, attendance }: Watched,
): Promise<CallToolResult> {
  const { view, flags, out } = run;
  // As lines of data the events are there already; a second time only if somebody asks.
  const isShown = flags.ndjson !== true || flags.progress !== undefined;
  if (isShown) view.begin(name);
  run.activity = name;
  for await (const event of events) {
    if (flags.ndjson) await out.json(eventFields(event), 'line');
    if (event.kind === 'task') await attendance.begin(event.task);
    if (event.kind === 'result') {
      run.activity = undefined;
      return event.result;
    }
    if (isShown) show(run, event);
  }
  throw new Error('a stream of events ended without its result');
}

/**
 * Starts a call and leaves it running. Returns its result where the server gave that instead.
 *
 * @throws {CliError} `usage` when the server knows no tasks
 */
async function begin(
  run: CommandRun,
  client: Client,
  { tool: { name }, args, options, server }: ToolCall,
): Promise<CallToolResult | undefined> {
  const { extensions = {} } = client.server.capabilities;
  if (!Object.hasOwn(extensions, TASKS_EXTENSION)) {
    throw usageError(`${run.label} knows no tasks`, 'Without --detach the call is made here.');
  }
  run.view.begin(name);
  run.activity = name;
  const task = await client.task(name, args, {
    ...options,
    questions: 'manual',
    onProgress: (update) => run.view.progress(update),
    onLog: (entry) => run.view.log(entry),
  });
  run.activity = undefined;
  if (task.id === undefined) {
    run.view.note('It was done at once.');
    return task.wait();
  }
  run.view.done();
  await keep(run, task, server);
  await printDetached(run, task);
  return undefined;
}

function eventFields(event: StreamEvent): object {
  if (event.kind === 'result') return { type: 'result', ...event.result };
  const { kind, ...fields } = event;
  return { type: kind, ...fields };
}

function show({ view }: CommandRun, event: StreamEvent): void {
  if (event.kind === 'progress') view.progress(event);
  else if (event.kind === 'log') view.log(event);
}

async function finish(run: CommandRun, result: CallToolResult, call: ToolCall): Promise<void> {
  const { name, inputSchema } = call.tool;
  const usage = describeArguments(inputSchema) || 'no arguments';
  const hint = misfits(call.args, inputSchema) ? `It takes: ${usage}` : undefined;
  await printOutcome(run, result, { name, hint });
}

interface OutcomeWords {
  /** The tool. */
  readonly name: string;
  /** What to do if it failed. */
  readonly hint?: string | undefined;
}

/**
 * Prints the result of a tool in the form the flags ask for.
 *
 * @throws {CliError} `tool_error` with the tool's own words
 */
export async function printOutcome(
  run: CommandRun,
  result: CallToolResult,
  { name, hint }: OutcomeWords,
): Promise<void> {
  const { view, flags, out } = run;
  view.done();
  if (flags.json) await out.json(result, 'pretty');
  if (result.isError === true) {
    const pieces = result.content.map(pieceOf);
    const texts = pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.note));
    const reason = texts.join('\n') || 'no reason given';
    throw new CliError('tool_error', `${name} failed: ${reason}`, { hint });
  }
  if (flags.json || flags.ndjson) return;
  await printToolResult(result, { out, view, isRaw: flags.raw === true });
}
