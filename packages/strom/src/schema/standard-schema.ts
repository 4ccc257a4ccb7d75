/**
 * Schemas as users bring them: anything with Standard Schema, or plain JSON Schema.
 *
 * @see https://standardschema.dev
 * @module
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** A plain JSON Schema object (2020-12 unless `$schema` says draft-07). */
export type JsonSchema = JsonObject;

/** What `input`, `output` and prompt arguments accept. */
export type AnySchema = StandardSchemaV1 | JsonSchema;

/** The values a schema lets through; `unknown` members for plain JSON Schema. */
export type OutputOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : JsonObject;

/** Whether a schema brings its own validator. */
export function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  return (
    (typeof schema === 'object' || typeof schema === 'function') &&
    schema !== null &&
    '~standard' in schema
  );
}

interface SchemaWithConverter {
  toJsonSchema?: unknown;
}

/**
 * The JSON Schema that clients are shown for a Standard Schema.
 *
 * @param direction - `input` for what a caller sends, `output` for what a tool returns
 * @throws {TypeError} when the library cannot express it, naming what to do
 */
export function jsonSchemaOf(schema: StandardSchemaV1, direction: 'input' | 'output'): JsonSchema {
  const standard = schema['~standard'];
  const converter = (standard as Partial<StandardJSONSchemaV1.Props>).jsonSchema;
  if (converter !== undefined) {
    return converter[direction]({ target: 'draft-2020-12' }) as JsonSchema;
  }
  const { toJsonSchema } = schema as SchemaWithConverter;
  if (typeof toJsonSchema === 'function') {
    const converted: unknown = toJsonSchema.call(schema);
    if (isJsonObject(converted)) return converted;
  }
  throw new TypeError(
    `a schema of "${standard.vendor}" does not tell its JSON Schema; ` +
      'wrap it (Valibot: toStandardJsonSchema from @valibot/to-json-schema) or pass JSON Schema',
  );
}
