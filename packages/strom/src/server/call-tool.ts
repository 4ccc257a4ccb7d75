/**
 * `tools/call`: find the tool, check the arguments, run the handler, shape what it returned.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { ToolError } from '../base/tool-error.ts';
import type { Call } from '../calls/call.ts';
import { checkMirroredHeaders } from './check-mirrored-headers.ts';
import type { Core } from './core.ts';
import { openContext } from './open-context.ts';
import { requireScopes } from './require-scopes.ts';
import type { CompiledTool } from './tool.ts';
import { errorResult, toToolResult } from './tool-result.ts';

const MAX_JOINED_CHARS = 64 * 1024 * 1024;

/**
 * Runs a tool to its result.
 *
 * @throws {StromError} `ERR_UNKNOWN_TOOL`, `ERR_INVALID_PARAMS`, `ERR_HEADER_MISMATCH`; and
 * whatever the handler threw that is not a {@link ToolError}
 */
export async function callTool(core: Core, call: Call): Promise<JsonObject> {
  const { params } = call.request;
  const tool = findTool(core.registry.tools, params);
  requireScopes(tool, call.request.principal);
  const args = argumentsOf(params);
  checkMirroredHeaders(tool, args, call.request.mirroredHeader);
  const validation = (await tool.validateInput?.(args)) ?? { value: args };
  if ('issues' in validation) {
    return errorResult(`Invalid arguments for "${tool.name}": ${validation.issues.join('; ')}`);
  }
  if (tool.timeoutMs !== undefined) call.limitTo(tool.timeoutMs);
  const pace = tool.pace ?? core.pace;
  if (pace !== undefined) call.setPace(pace);
  const context = openContext(call, core.rounds);
  try {
    const ready = context instanceof Promise ? await context : context;
    const returned = tool.handler(validation.value, ready);
    const value = isAsyncGenerator(returned) ? runGenerator(returned, call) : returned;
    return await toToolResult(tool, await value);
  } catch (error) {
    if (error instanceof ToolError) return errorResult(error.message);
    throw error;
  }
}

function findTool(tools: ReadonlyMap<string, CompiledTool>, params: JsonObject): CompiledTool {
  const name = ownValue(params, 'name');
  if (typeof name !== 'string') throw publicError('ERR_INVALID_PARAMS', 'name must be a string');
  const tool = tools.get(name);
  if (tool === undefined) throw publicError('ERR_UNKNOWN_TOOL', `Unknown tool: ${name}`);
  return tool;
}

function argumentsOf(params: JsonObject): JsonObject {
  const args = Object.hasOwn(params, 'arguments') ? params['arguments'] : {};
  if (!isJsonObject(args)) throw publicError('ERR_INVALID_PARAMS', 'arguments must be an object');
  return args;
}

function isAsyncGenerator(value: unknown): value is AsyncGenerator<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Sends each chunk when it is ready, and waits for a slow reader before it asks for the next. */
async function runGenerator(
  generator: AsyncGenerator<unknown, unknown, void>,
  call: Call,
): Promise<unknown> {
  const texts: string[] = [];
  let chars = 0;
  call.onCleanup(() => generator.return(undefined));
  let step = await generator.next();
  while (step.done !== true) {
    await call.chunk(step.value);
    if (typeof step.value === 'string') {
      chars += step.value.length;
      if (chars > MAX_JOINED_CHARS) throw publicError('ERR_RESULT_TOO_LARGE', 'Too much output.');
      texts.push(step.value);
    }
    step = await generator.next();
  }
  return step.value ?? texts.join('');
}
