import type { JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { ToolError } from '../base/tool-error.ts';
import type { Call } from '../calls/call.ts';
import type { CallPace } from '../calls/call-pace.ts';
import type { Context } from './context.ts';
import type { CompiledTool } from './tool.ts';
import { errorResult, toToolResult } from './tool-result.ts';

/** A call whose tool was found and whose arguments were checked. */
export interface PreparedCall {
  readonly call: Call;
  readonly tool: CompiledTool;
  /** The arguments as the schema hands them out. */
  readonly value: unknown;
  readonly pace: CallPace | undefined;
}

const MAX_JOINED_CHARS = 64 * 1024 * 1024;

/**
 * Runs the handler of a tool to its result.
 *
 * @throws whatever the handler threw that is not a {@link ToolError}
 */
export function runTool(
  { call, tool, value, pace }: PreparedCall,
  context: Context,
): JsonObject | Promise<JsonObject> {
  if (tool.timeoutMs !== undefined) call.limitTo(tool.timeoutMs);
  if (pace !== undefined) call.setPace(pace);
  try {
    const returned = tool.handler(value, context);
    if (isAsyncIterable(returned)) return settle(tool, runChunks(returned, call));
    if (isThenable(returned)) return settle(tool, returned);
    // A tool that answers at once is answered for at once.
    return toToolResult(tool, returned);
  } catch (error) {
    return told(error);
  }
}

async function settle(tool: CompiledTool, value: PromiseLike<unknown>): Promise<JsonObject> {
  try {
    return await toToolResult(tool, await value);
  } catch (error) {
    return told(error);
  }
}

/** What a handler throws for the model to read. */
function told(error: unknown): JsonObject {
  if (error instanceof ToolError) return errorResult(error.message);
  throw error;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown, unknown, void> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/**
 * Sends each chunk when it is ready, and waits for a slow reader before it asks for the next. Not every
 * iterator can be made to end, so none is asked for more once the call has ended.
 */
async function runChunks(
  chunks: AsyncIterable<unknown, unknown, void>,
  call: Call,
): Promise<unknown> {
  const iterator = chunks[Symbol.asyncIterator]();
  const texts: string[] = [];
  let chars = 0;
  call.onCleanup(() => iterator.return?.());
  let step = await iterator.next();
  while (step.done !== true) {
    await call.chunk(step.value);
    if (typeof step.value === 'string') {
      chars += step.value.length;
      if (chars > MAX_JOINED_CHARS) throw publicError('ERR_RESULT_TOO_LARGE', 'Too much output.');
      texts.push(step.value);
    }
    if (call.ended) return undefined;
    step = await iterator.next();
  }
  return step.value ?? texts.join('');
}
