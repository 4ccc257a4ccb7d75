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
    if (isChunks(returned)) return settle(runChunks(returned, call), tool, call);
    if (isThenable(returned)) return settle(returned, tool, call);
    // A tool that answers at once is answered for at once.
    return toToolResult(tool, returned);
  } catch (error) {
    return told(error);
  }
}

async function settle(
  value: PromiseLike<unknown>,
  tool: CompiledTool,
  call: Call,
): Promise<JsonObject> {
  try {
    const returned = await value;
    if (isChunks(returned)) return await toToolResult(tool, await runChunks(returned, call));
    return await toToolResult(tool, returned);
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

type Chunks = AsyncIterable<unknown, unknown, void> | Generator<unknown, unknown, void>;

/** Lists and other collections can be gone through as well, but are values. */
function isChunks(value: unknown): value is Chunks {
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.asyncIterator in value || ('next' in value && Symbol.iterator in value);
}

function iteratorOf(chunks: Chunks): AsyncIterator<unknown, unknown, void> {
  return Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : awaited(chunks);
}

async function* awaited(chunks: Generator<unknown, unknown, void>) {
  return yield* chunks;
}

/**
 * Sends each chunk when it is ready, and waits for a slow reader before it asks for the next. Not every
 * iterator can be made to end, so none is asked for more once the call has ended.
 */
async function runChunks(chunks: Chunks, call: Call): Promise<unknown> {
  const iterator = iteratorOf(chunks);
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
