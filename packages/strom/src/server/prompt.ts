/**
 * Prompts: their definition as authors write it, and the form compiled from it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/prompts
 * @module
 */
import { checkScopes } from '../base/check-scopes.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Icon, Prompt, PromptArgument, PromptMessage } from '../protocol/spec/2026-07-28.ts';
import { compileSchema } from '../schema/compile-schema.ts';
import type { AnySchema, JsonSchema } from '../schema/standard-schema.ts';
import type { Validator } from '../schema/validation.ts';
import type { Completer } from './completer.ts';
import type { Context } from './context.ts';

/** What a handler returns: the text of one user message, or messages. */
export type PromptReturn =
  | string
  | readonly PromptMessage[]
  | { messages: readonly PromptMessage[]; description?: string };

export interface PromptDefinition<Input extends AnySchema = AnySchema> {
  title?: string;
  description?: string;
  /** The arguments, all of them strings, as the properties of an object schema. Default: none. */
  input?: Input;
  icons?: Icon[];
  /** What a caller must be allowed to do; others neither see the prompt nor may get it. */
  scopes?: readonly string[];
  /** Suggestions for the values of the arguments. */
  complete?: Readonly<Record<string, Completer>>;
}

export type PromptHandler<Args> = (
  args: Args,
  ctx: Context,
) => PromptReturn | Promise<PromptReturn>;

export interface CompiledPrompt {
  readonly wire: Prompt;
  readonly scopes: readonly string[] | undefined;
  readonly validateInput: Validator | undefined;
  readonly complete: Readonly<Record<string, Completer>>;
  readonly handler: PromptHandler<unknown>;
}

/**
 * Compiles a prompt.
 *
 * @throws {TypeError} when the schema is invalid, or a scope
 */
export function compilePrompt(
  name: string,
  definition: PromptDefinition,
  handler: PromptHandler<never>,
): CompiledPrompt {
  const { input, complete = {}, scopes, ...rest } = definition;
  checkScopes(`prompt "${name}": scopes`, scopes);
  const schema = input && compileSchema(input, 'input');
  const described = schema && { arguments: promptArguments(schema.jsonSchema) };
  return {
    wire: { name, ...rest, ...described },
    scopes,
    validateInput: schema?.validate,
    complete,
    handler: handler as PromptHandler<unknown>,
  };
}

function promptArguments(schema: JsonSchema): PromptArgument[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  return Object.entries(properties).map(([name, property]): PromptArgument => {
    const { title, description } = isJsonObject(property) ? property : {};
    return {
      name,
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description }),
      required: required.has(name),
    };
  });
}

/** The `GetPromptResult` for what a handler returned. */
export function toPromptResult(value: PromptReturn, prompt: CompiledPrompt): JsonObject {
  const spelledOut = typeof value === 'object' && 'messages' in value ? value : undefined;
  const description = spelledOut?.description ?? prompt.wire.description;
  return {
    ...(description !== undefined && { description }),
    messages: spelledOut?.messages ?? messagesOf(value),
  };
}

function messagesOf(value: PromptReturn): unknown {
  return typeof value === 'string'
    ? [{ role: 'user', content: { type: 'text', text: value } }]
    : value;
}
