/**
 * Tools: their definition as authors write it, and the form compiled from it at registration.
 *
 * @module
 */
import { checkLimits } from '../base/check-limits.ts';
import { checkScopes } from '../base/check-scopes.ts';
import type { JsonObject } from '../base/json.ts';
import type { CallPace } from '../calls/call-pace.ts';
import { type MirroredParameter, mirroredParameters } from '../protocol/mirrored-parameters.ts';
import type { ContentBlock, Icon, Tool, ToolAnnotations } from '../protocol/spec/2026-07-28.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import type { AnySchema, OutputOf } from '../schema/standard-schema.ts';
import type { Validator } from '../schema/validation.ts';
import type { Context } from './context.ts';
import { type CompiledTask, compileToolTask, type ToolTask } from './tool-task.ts';

/** A tool result spelled out; what is left out is derived. */
export interface ToolResult {
  /** What the model reads. Default: the structured content as JSON text. */
  content?: readonly ContentBlock[];
  /** What programs read; checked against `output` where the tool declares one. */
  structuredContent?: unknown;
  /** Marks the result as a failure that the model should see. */
  isError?: boolean;
  _meta?: JsonObject;
}

/**
 * What a handler may return: a text, content blocks, a spelled-out result, or any other JSON value,
 * which becomes structured content.
 */
export type ToolReturn = string | readonly ContentBlock[] | ToolResult | JsonObject | undefined;

export interface ToolDefinition<Input extends AnySchema = AnySchema> extends CallPace {
  /** A short name for people. Default: the tool's name. */
  title?: string;
  /** What the tool does, for the model that decides whether to call it. */
  description: string;
  /** The arguments: Standard Schema (Zod, Valibot, ArkType, …) or JSON Schema. Default: none. */
  input?: Input;
  /** The shape of `structuredContent`. Results that break it never leave the server. */
  output?: AnySchema;
  /** Hints for clients, such as `readOnlyHint`. */
  annotations?: ToolAnnotations;
  icons?: Icon[];
  /** What a caller must be allowed to do; others neither see the tool nor may call it. */
  scopes?: readonly string[];
  /**
   * Longest run in milliseconds; the call then ends with `ERR_DEADLINE`. 0 for no limit. Default: the
   * server's.
   */
  timeoutMs?: number;
  /**
   * Whether a call may become a task, which outlives its connection, and with a durable store its
   * process. Default `forbidden`.
   */
  task?: ToolTask;
}

/**
 * The work itself. A generator, async or not, streams: each `yield` is a chunk, its `return` value the
 * result; without one the result is all text chunks joined. So does any other async iterable, such as
 * a `ReadableStream`.
 */
export type ToolHandler<Args> = (
  args: Args,
  ctx: Context,
) => Returned | Chunks | Promise<Returned | Chunks>;

type Chunks = AsyncIterable<unknown, Returned, void> | Generator<unknown, Returned, void>;

// biome-ignore lint/suspicious/noConfusingVoidType: the type of a function without a return
type Returned = ToolReturn | void;

/** The arguments a handler receives under a definition with this input schema. */
export type ArgsOf<Input> = Input extends AnySchema ? OutputOf<Input> : JsonObject;

export interface CompiledTool {
  readonly name: string;
  readonly wire: Tool;
  readonly scopes: readonly string[] | undefined;
  readonly isReadOnly: boolean;
  readonly validateInput: Validator | undefined;
  readonly validateOutput: Validator | undefined;
  readonly mirrored: readonly MirroredParameter[];
  readonly timeoutMs: number | undefined;
  readonly pace: CallPace | undefined;
  /** `undefined` for a tool whose calls are never tasks. */
  readonly task: CompiledTask | undefined;
  readonly handler: ToolHandler<unknown>;
  /** The server's own tool for models that come back for a result; its handler is not called. */
  readonly isFollowUp?: true;
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
const NO_ARGUMENTS = { type: 'object', additionalProperties: false } as const;

/**
 * Compiles a tool.
 *
 * @throws {TypeError} naming what is wrong: the name, a schema, a scope, an `x-mcp-header` mark, a limit
 */
export function compileTool(
  name: string,
  definition: ToolDefinition,
  handler: ToolHandler<never>,
): CompiledTool {
  if (!NAME.test(name)) {
    throw new TypeError(`tool name ${JSON.stringify(name)}: use 1 to 128 of A-Z a-z 0-9 _ . -`);
  }
  checkScopes(`tool "${name}": scopes`, definition.scopes);
  checkLimits(definition, ['timeoutMs', 'maxProgressPerSecond', 'burstWindowMs']);
  const input = definition.input && compileSchema(definition.input, 'input');
  const output = definition.output && compileSchema(definition.output, 'output');
  const inputSchema = (input?.jsonSchema ?? NO_ARGUMENTS) as Tool['inputSchema'];
  if (inputSchema.type !== 'object') {
    throw new TypeError(`tool "${name}": the input schema must describe an object`);
  }
  return {
    name,
    wire: wireTool(name, definition, { inputSchema, outputSchema: output?.jsonSchema }),
    scopes: definition.scopes,
    isReadOnly: definition.annotations?.readOnlyHint === true,
    validateInput: input?.validate,
    validateOutput: output?.validate,
    mirrored: mirroredParameters(inputSchema),
    timeoutMs: definition.timeoutMs,
    pace: paceOf(definition),
    task: compileToolTask(definition.task, output !== undefined),
    handler: handler as ToolHandler<unknown>,
  };
}

/** The pace that options name, if they name any. */
export function paceOf({ maxProgressPerSecond, burstWindowMs }: CallPace): CallPace | undefined {
  if (maxProgressPerSecond === undefined && burstWindowMs === undefined) return undefined;
  return {
    ...(maxProgressPerSecond !== undefined && { maxProgressPerSecond }),
    ...(burstWindowMs !== undefined && { burstWindowMs }),
  };
}

interface WireSchemas {
  inputSchema: Tool['inputSchema'];
  outputSchema: JsonObject | undefined;
}

function wireTool(name: string, definition: ToolDefinition, schemas: WireSchemas): Tool {
  const { title, description, annotations, icons } = definition;
  return {
    name,
    ...(title !== undefined && { title }),
    description,
    inputSchema: schemas.inputSchema,
    ...(schemas.outputSchema !== undefined && { outputSchema: schemas.outputSchema }),
    ...(annotations !== undefined && { annotations }),
    ...(icons !== undefined && { icons }),
  };
}
