import type { JsonObject } from '../../base/json.ts';
import type { Client } from '../../client/client.ts';
import type { StreamEvent } from '../../client/stream-event.ts';
import type { CallToolResult, Tool } from '../../protocol/spec/2026-07-28.ts';
import { describeArguments, misfits } from '../arguments/describe-arguments.ts';
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
import { withClient } from '../with-client.ts';

export interface CallFlags extends ConnectionFlags {
  readonly args?: string;
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
    const call = { tool, args: { ...base, ...typeArguments(typed, tool.inputSchema) } };
    await finish(run, await follow(run, client, call), call);
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

interface ToolCall {
  readonly tool: Tool;
  readonly args: JsonObject;
}

/** Shows every event as it comes, and returns the last one. */
async function follow(
  run: CommandRun,
  client: Client,
  { tool: { name }, args }: ToolCall,
): Promise<CallToolResult> {
  const { view, flags, interrupt, out } = run;
  // As lines of data the events are there already; a second time only if somebody asks.
  const isShown = flags.ndjson !== true || flags.progress !== undefined;
  if (isShown) view.begin(name);
  run.activity = name;
  for await (const event of client.stream(name, args, { signal: interrupt.signal })) {
    if (flags.ndjson) await out.json(eventFields(event), 'line');
    if (event.kind === 'result') {
      run.activity = undefined;
      return event.result;
    }
    if (isShown) show(run, event);
  }
  throw new Error('a stream of events ended without its result');
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

/** @throws {CliError} `tool_error` with the tool's own words */
async function finish(run: CommandRun, result: CallToolResult, call: ToolCall): Promise<void> {
  const { view, flags, out } = run;
  view.done();
  if (flags.json) await out.json(result, 'pretty');
  if (result.isError === true) throw toolError(result, call);
  if (flags.json || flags.ndjson) return;
  await printToolResult(result, { out, view, isRaw: flags.raw === true });
}

function toolError({ content }: CallToolResult, { tool, args }: ToolCall): CliError {
  const pieces = content.map(pieceOf);
  const texts = pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.note));
  const reason = texts.join('\n') || 'no reason given';
  const usage = describeArguments(tool.inputSchema) || 'no arguments';
  const hint = misfits(args, tool.inputSchema) ? `It takes: ${usage}` : undefined;
  return new CliError('tool_error', `${tool.name} failed: ${reason}`, { hint });
}
