/**
 * One compiled form for every kind of schema: the JSON Schema to show, the validator to run.
 *
 * @module
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isJsonObject } from '../base/json.ts';
import { jsonSchemaValidator } from './json-schema-validator.ts';
import {
  type AnySchema,
  isStandardSchema,
  type JsonSchema,
  jsonSchemaOf,
} from './standard-schema.ts';
import type { Validation, Validator } from './validation.ts';

export interface CompiledSchema {
  readonly jsonSchema: JsonSchema;
  readonly validate: Validator;
}

/**
 * Compiles a schema once, at registration.
 *
 * @throws {TypeError} when it is no schema, invalid, or has no JSON Schema form
 */
export function compileSchema(schema: AnySchema, direction: 'input' | 'output'): CompiledSchema {
  if (isStandardSchema(schema)) {
    return {
      jsonSchema: jsonSchemaOf(schema, direction),
      validate: standardValidator(schema),
    };
  }
  if (!isJsonObject(schema)) throw new TypeError('a schema must be a Standard Schema or an object');
  return { jsonSchema: schema, validate: jsonSchemaValidator(schema) };
}

function standardValidator(schema: StandardSchemaV1): Validator {
  const { validate } = schema['~standard'];
  return (value) => {
    const result = validate(value);
    return result instanceof Promise ? result.then(toValidation) : toValidation(result);
  };
}

function toValidation(result: StandardSchemaV1.Result<unknown>): Validation {
  if (result.issues === undefined) return { value: result.value };
  return { issues: result.issues.map(describe) };
}

function describe(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  return path.length === 0 ? issue.message : `${path.join('.')}: ${issue.message}`;
}
