/**
 * `tools/call`: find the tool, check the arguments, run the handler, shape what it returned.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { whenReady } from '../base/when-ready.ts';
import type { Call } from '../calls/call.ts';
import type { CallPace } from '../calls/call-pace.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { TaskRun } from '../tasks/task-run.ts';
import { memoryOf } from './call-memory.ts';
import { checkMirroredHeaders } from './check-mirrored-headers.ts';
import type { Core } from './core.ts';
import { followUp } from './follow-up-tool.ts';
import { openContext, openWork } from './open-context.ts';
import { requireScopes } from './require-scopes.ts';
import { emptyRound } from './round-state.ts';
import { type PreparedCall, runTool } from './run-tool.ts';
import { callAsTask } from './task-calls.ts';
import type { CompiledTool } from './tool.ts';
import { errorResult } from './tool-result.ts';

/**
 * Runs a tool, as a task where caller and tool want that.
 *
 * @throws {StromError} `ERR_UNKNOWN_TOOL`, `ERR_INVALID_PARAMS`, `ERR_HEADER_MISMATCH`; and
 * whatever the handler threw that is not a {@link ToolError}
 */
export function callTool(core: Core, call: Call): Outcome | Promise<Outcome> {
  const { params, principal, mirroredHeader } = call.request;
  const tool = findTool(core.registry.tools, params);
  requireScopes(tool, principal);
  const args = argumentsOf(params);
  checkMirroredHeaders(tool, args, mirroredHeader);
  return whenReady(tool.validateInput?.(args) ?? { value: args }, (validation) => {
    if ('issues' in validation) return invalidArguments(tool, validation.issues);
    const prepared = { call, tool, value: validation.value, pace: paceIn(core, tool) };
    if (tool.isFollowUp === true) return followUp(core, prepared);
    if (tool.task !== undefined) return callAsTask(core, prepared, tool.task);
    const result = whenReady(openContext(call, core.rounds), (ready) => runTool(prepared, ready));
    return whenReady(result, toOutcome);
  });
}

/** Each option of a tool takes the place of that of the server, and of no other. */
function paceIn({ pace: usual }: Core, { pace: own }: CompiledTool): CallPace | undefined {
  return own === undefined || usual === undefined ? (own ?? usual) : { ...usual, ...own };
}

function toOutcome(result: JsonObject): Outcome {
  return { kind: 'result', result };
}

/** Runs a tool for a task, from its beginning or once more. */
export async function runTask(core: Core, call: Call, run: TaskRun): Promise<Outcome> {
  const tool = findTool(core.registry.tools, call.request.params);
  const args = argumentsOf(call.request.params);
  const validation = (await tool.validateInput?.(args)) ?? { value: args };
  if ('issues' in validation) return invalidArguments(tool, validation.issues);
  const prepared: PreparedCall = {
    call,
    tool,
    value: validation.value,
    pace: paceIn(core, tool),
  };
  const { checkpoint, task } = run.claim;
  const memory = memoryOf(checkpoint);
  const { context } = openWork(call, core.rounds, {
    past: emptyRound({ ...memory, idempotencyKey: memory.idempotencyKey ?? task.id }),
    work: { attempt: task.attempt, detach: () => Promise.resolve() },
  });
  return { kind: 'result', result: await runTool(prepared, context) };
}

function findTool(tools: ReadonlyMap<string, CompiledTool>, params: JsonObject): CompiledTool {
  const name = ownValue(params, 'name');
  if (typeof name !== 'string') throw publicError('ERR_INVALID_PARAMS', 'name must be a string');
  const tool = tools.get(name);
  if (tool === undefined) throw publicError('ERR_UNKNOWN_TOOL', `Unknown tool: ${name}`);
  return tool;
}

function argumentsOf(params: JsonObject): JsonObject {
  const args = ownValue(params, 'arguments') ?? {};
  if (!isJsonObject(args)) throw publicError('ERR_INVALID_PARAMS', 'arguments must be an object');
  return args;
}

function invalidArguments(tool: CompiledTool, issues: readonly string[]): Outcome {
  const text = `Invalid arguments for "${tool.name}": ${issues.join('; ')}`;
  return { kind: 'result', result: errorResult(text) };
}
