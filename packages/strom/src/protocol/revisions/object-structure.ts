/**
 * Structured results for the revisions in which they had to be objects. Any other value, and the
 * schema that describes it, is left out: such clients read the text that stands beside it.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import type { Operation } from '../operation.ts';
import { RawJson } from '../raw-json.ts';

/** Takes out what is no object; returns the result itself when there is nothing to take out. */
export function onlyObjectStructure(
  operation: Operation | undefined,
  result: JsonObject,
): JsonObject {
  switch (operation) {
    case 'tools/call':
      return withoutOddContent(result);
    case 'tools/list':
      return adaptedList(result);
    default:
      return result;
  }
}

function withoutOddContent(result: JsonObject): JsonObject {
  const { structuredContent, ...rest } = result;
  const isOdd = structuredContent !== undefined && !isObject(structuredContent);
  return isOdd ? rest : result;
}

function isObject(value: unknown): boolean {
  return value instanceof RawJson ? value.isObject : isJsonObject(value);
}

const adaptedLists = new WeakMap<JsonObject, JsonObject>();

/** A list is compiled once; so is its adapted form. */
function adaptedList(list: JsonObject): JsonObject {
  let adapted = adaptedLists.get(list);
  if (adapted === undefined) {
    const tools = Array.isArray(list['tools']) ? list['tools'] : [];
    adapted = tools.some(hasOddSchema)
      ? Object.freeze({ ...list, tools: tools.map(withoutOddSchema) })
      : list;
    adaptedLists.set(list, adapted);
  }
  return adapted;
}

function hasOddSchema(tool: unknown): boolean {
  const schema = isJsonObject(tool) ? ownValue(tool, 'outputSchema') : undefined;
  return isJsonObject(schema) && schema['type'] !== 'object';
}

function withoutOddSchema(tool: unknown): unknown {
  if (!isJsonObject(tool) || !hasOddSchema(tool)) return tool;
  const { outputSchema: _, ...rest } = tool;
  return rest;
}
