/**
 * Gives what was typed as text the type that the tool's schema names, where it names one.
 *
 * Nothing is checked here: text that does not fit stays text, and the server, which knows its whole
 * schema, says what is wrong with it.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { usageError } from '../cli-error.ts';
import type { TypedArguments, TypedValue } from './parse-pairs.ts';

/** @throws {CliError} `usage` when a name that holds one value was given several */
export function typeArguments(typed: TypedArguments, inputSchema: unknown): JsonObject {
  const properties = ownValue(isJsonObject(inputSchema) ? inputSchema : {}, 'properties');
  const schemas = isJsonObject(properties) ? properties : {};
  const entries = [...typed].map(
    ([name, value]) => [name, typedValue(name, value, ownValue(schemas, name))] as const,
  );
  // fromEntries defines properties: a name such as `__proto__` stays a name.
  return Object.fromEntries(entries);
}

function typedValue(name: string, value: TypedValue, schema: unknown): unknown {
  if (value.kind === 'json') return value.value;
  const { texts } = value;
  const [first = ''] = texts;
  if (typesOf(schema).includes('array')) return listOf(texts, schema);
  if (texts.length > 1) throw usageError(`the argument ${name} is given twice, but is no list`);
  return typedText(first, typesOf(schema));
}

function listOf(texts: readonly string[], schema: unknown): unknown {
  const [first = ''] = texts;
  if (texts.length === 1 && first.startsWith('[')) return parsed(first, Array.isArray);
  const itemTypes = typesOf(isJsonObject(schema) ? ownValue(schema, 'items') : undefined);
  return texts.map((text) => typedText(text, itemTypes));
}

function typesOf(schema: unknown): readonly unknown[] {
  const type = isJsonObject(schema) ? ownValue(schema, 'type') : undefined;
  return Array.isArray(type) ? type : [type];
}

function typedText(text: string, types: readonly unknown[]): unknown {
  if (types.includes('string')) return text;
  const fits = (value: unknown): boolean => types.some((type) => isOfType(value, type));
  return parsed(text, fits);
}

/** The text as JSON if that fits, else as it is. */
function parsed(text: string, fits: (value: unknown) => boolean): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return fits(value) ? value : text;
  } catch {
    // No JSON: it was meant as text.
    return text;
  }
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'object':
      return isJsonObject(value);
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      return false;
  }
}
