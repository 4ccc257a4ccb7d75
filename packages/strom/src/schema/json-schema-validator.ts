/**
 * Validators for plain JSON Schema, compiled once with Ajv.
 *
 * Nothing is ever fetched: a `$ref` to the network is an unresolved reference and refuses the
 * schema. `format` is an annotation, as 2020-12 has it by default.
 *
 * @module
 */
import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonSchema } from './standard-schema.ts';
import { replaceUniqueItems } from './unique-items.ts';
import type { Validation, Validator } from './validation.ts';

const OPTIONS = {
  strict: false,
  allErrors: false,
  validateFormats: false,
  addUsedSchema: false,
} as const;

const DRAFT_2020_12 = 'https://json-schema.org/draft/2020-12/schema';
const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;

type Dialect = 'draft 2020-12' | 'draft-07';

const engines = new Map<Dialect, Ajv>();

function dialectOf(schema: JsonSchema): Dialect {
  const uri = schema['$schema'] ?? DRAFT_2020_12;
  if (uri === DRAFT_2020_12) return 'draft 2020-12';
  if (typeof uri === 'string' && DRAFT_07.test(uri)) return 'draft-07';
  throw new TypeError(`JSON Schema dialect ${String(uri)} is not supported`);
}

/** Made on first use and shared: `addUsedSchema: false` keeps equal `$id`s of two tools apart. */
function engineFor(dialect: Dialect): Ajv {
  let engine = engines.get(dialect);
  if (engine === undefined) {
    engine = replaceUniqueItems(dialect === 'draft-07' ? new Ajv(OPTIONS) : new Ajv2020(OPTIONS));
    engines.set(dialect, engine);
  }
  return engine;
}

/**
 * Compiles a schema.
 *
 * @throws {TypeError} when the schema is invalid, of an unknown dialect, or refers to something
 * outside itself
 */
export function jsonSchemaValidator(schema: JsonSchema): Validator {
  const validate = compile(schema);
  return (value): Validation => {
    if (validate(value) === true) return { value };
    return { issues: [describe(validate.errors?.[0])] };
  };
}

function compile(schema: JsonSchema) {
  const engine = engineFor(dialectOf(schema));
  try {
    return engine.compile(schema as AnySchemaObject);
  } catch (cause) {
    throw new TypeError(`invalid JSON Schema: ${(cause as Error).message}`, { cause });
  }
}

function describe(error: ErrorObject | undefined): string {
  if (error === undefined) return 'is not valid';
  const where = error.instancePath === '' ? '' : `${error.instancePath.slice(1)}: `;
  return `${where}${error.message ?? 'is not valid'}`;
}
