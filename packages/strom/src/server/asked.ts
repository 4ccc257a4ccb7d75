/**
 * Questions as authors write them: what to ask, and how to read the answer.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import type { Question } from '../protocol/question.ts';
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  Root,
} from '../protocol/spec/2026-07-28.ts';
import { type CompiledSchema, compileSchema } from '../schema/compile-schema.ts';
import { type AnySchema, isStandardSchema, type OutputOf } from '../schema/standard-schema.ts';

/** What a person did with a question: answered it, said no, or closed it. */
export type Answer<Content> =
  | { readonly action: 'accept'; readonly content: Content }
  | { readonly action: 'decline' | 'cancel' };

/** What a person did with a request to open a page. */
export type UrlAnswer = 'accept' | 'decline' | 'cancel';

/** A question with the type of its answer. Make one with {@link question}. */
export interface Asked<Result> {
  readonly question: Question;
  /** Reads the answer, whose form has been checked already. */
  read(answer: JsonObject): Result | Promise<Result>;
}

const compiled = new WeakMap<object, CompiledSchema>();

/** Compiled once per schema, however often a tool asks. */
function compiledForm(schema: AnySchema): CompiledSchema {
  let form = compiled.get(schema);
  if (form === undefined) {
    form = compileSchema(schema, 'input');
    compiled.set(schema, form);
  }
  return form;
}

/** What a client is shown: schema libraries add keywords that forms do not have. */
function shownSchema(schema: AnySchema, { jsonSchema }: CompiledSchema): JsonObject {
  if (!isStandardSchema(schema)) return jsonSchema;
  const { $schema: _dialect, additionalProperties: _closed, ...shown } = jsonSchema;
  return shown;
}

function form<Schema extends AnySchema>(
  message: string,
  schema: Schema,
): Asked<Answer<OutputOf<Schema>>> {
  const compiledSchema = compiledForm(schema);
  return {
    question: { kind: 'form', message, schema: shownSchema(schema, compiledSchema) },
    async read({ action, content }) {
      if (action !== 'accept') return { action: action as 'decline' | 'cancel' };
      const validation = await compiledSchema.validate(content ?? {});
      if (!('issues' in validation)) {
        return { action, content: validation.value as OutputOf<Schema> };
      }
      throw publicError('ERR_INVALID_PARAMS', `Invalid answer: ${validation.issues.join('; ')}`);
    },
  };
}

function url(message: string, address: string): Asked<UrlAnswer> {
  return {
    question: { kind: 'url', message, url: address },
    read: ({ action }) => action as UrlAnswer,
  };
}

function sample(params: CreateMessageRequestParams): Asked<CreateMessageResult> {
  return {
    question: { kind: 'sample', params },
    read: (answer) => answer as unknown as CreateMessageResult,
  };
}

function roots(): Asked<readonly Root[]> {
  return {
    question: { kind: 'roots' },
    read: (answer) => (answer['roots'] as unknown[]).filter(isJsonObject) as unknown as Root[],
  };
}

/**
 * Makers of questions for `ctx.askAll`.
 *
 * - `form(message, schema)`: a form whose fields are the flat properties of an object schema. Never
 *   ask for secrets in a form.
 * - `url(message, address)`: a page to open, for secrets and for signing in elsewhere.
 * - `sample(params)`: a completion by the client's model.
 * - `roots()`: the folders the client works in.
 */
export const question = { form, url, sample, roots } as const;
