import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';

/** Whether a needed argument is missing, or one is given that the schema does not name. */
export function misfits(args: JsonObject, inputSchema: unknown): boolean {
  const { properties, required } = membersOf(inputSchema);
  const isMissing = (name: unknown): boolean => !Object.hasOwn(args, String(name));
  const isUnknown = (name: string): boolean => !Object.hasOwn(properties, name);
  return required.some(isMissing) || Object.keys(args).some(isUnknown);
}

/**
 * The arguments that a schema does not name, and most likely were misspelt. Where it says what further
 * ones look like, every name is one of its own.
 */
export function unnamedArguments(args: JsonObject, inputSchema: unknown): readonly string[] {
  const schema = isJsonObject(inputSchema) ? inputSchema : {};
  const takesMore = (ownValue(schema, 'additionalProperties') ?? false) !== false;
  if (takesMore || ownValue(schema, 'patternProperties') !== undefined) return [];
  const { properties } = membersOf(schema);
  return Object.keys(args).filter((name) => !Object.hasOwn(properties, name));
}

/** The names a schema has for arguments. */
export function argumentNames(inputSchema: unknown): readonly string[] {
  return Object.keys(membersOf(inputSchema).properties);
}

function membersOf(inputSchema: unknown): { properties: JsonObject; required: unknown[] } {
  const schema = isJsonObject(inputSchema) ? inputSchema : {};
  const properties = ownValue(schema, 'properties');
  const required = ownValue(schema, 'required');
  return {
    properties: isJsonObject(properties) ? properties : {},
    required: Array.isArray(required) ? required : [],
  };
}

/** The arguments of a tool as they are typed: `to=<integer> [unit=<string>]`. */
export function describeArguments(inputSchema: unknown): string {
  const { properties, required } = membersOf(inputSchema);
  return Object.entries(properties)
    .map(([name, property]) => ({
      usage: usageOf(name, property),
      isRequired: required.includes(name),
    }))
    .sort((one, other) => Number(other.isRequired) - Number(one.isRequired))
    .map(({ usage, isRequired }) => (isRequired ? usage : `[${usage}]`))
    .join(' ');
}

const MAX_CHOICES = 5;

function usageOf(name: string, property: unknown): string {
  const schema = isJsonObject(property) ? property : {};
  const choices = ownValue(schema, 'enum');
  if (Array.isArray(choices) && choices.length <= MAX_CHOICES)
    return `${name}=${choices.join('|')}`;
  const type = ownValue(schema, 'type');
  if (type === 'array') return `${name}=<${itemType(schema)}>…`;
  if (type === 'object' || typeof type !== 'string') return `${name}:=<json>`;
  return `${name}=<${type}>`;
}

function itemType(schema: object): string {
  const items = isJsonObject(schema) ? ownValue(schema, 'items') : undefined;
  const type = isJsonObject(items) ? ownValue(items, 'type') : undefined;
  return typeof type === 'string' ? type : 'json';
}
