import { isJsonObject, ownValue } from '../../base/json.ts';

/** The arguments of a tool as they are typed: `to=<integer> [unit=<string>]`. */
export function describeArguments(inputSchema: unknown): string {
  const schema = isJsonObject(inputSchema) ? inputSchema : {};
  const properties = ownValue(schema, 'properties');
  const required = ownValue(schema, 'required');
  const names = Array.isArray(required) ? required : [];
  if (!isJsonObject(properties)) return '';
  return Object.entries(properties)
    .map(([name, property]) => ({
      usage: usageOf(name, property),
      isRequired: names.includes(name),
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
