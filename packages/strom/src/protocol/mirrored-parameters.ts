/**
 * Tool arguments that a schema marks with `x-mcp-header`, to be repeated as HTTP headers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { decodeHeaderValue } from './header-value.ts';

const KEYWORD = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MIRRORED_TYPES = new Set<unknown>(['string', 'integer', 'boolean']);

export interface MirroredParameter {
  /** The chain of property names from the root of the arguments. */
  readonly path: readonly string[];
  /** The full header name in the writing of the schema, `Mcp-Param-Region`. */
  readonly header: string;
  /** Integers are compared as numbers, anything else as text. */
  readonly isInteger: boolean;
}

/**
 * Finds the marked parameters of a tool.
 *
 * @throws {TypeError} naming the rule that a mark breaks; a tool with such a schema is invalid
 */
export function mirroredParameters(inputSchema: JsonObject): readonly MirroredParameter[] {
  const found: MirroredParameter[] = [];
  collect(inputSchema, [], found);
  if (countMarks(inputSchema) !== found.length) {
    throw new TypeError(`${KEYWORD} is allowed only on properties reached through "properties"`);
  }
  const names = new Set(found.map(({ header }) => header.toLowerCase()));
  if (names.size !== found.length) {
    throw new TypeError(`${KEYWORD} names must differ, whatever their case`);
  }
  return found;
}

function collect(schema: JsonObject, path: readonly string[], found: MirroredParameter[]): void {
  const properties = ownValue(schema, 'properties');
  if (!isJsonObject(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    if (!isJsonObject(property)) continue;
    const propertyPath = [...path, name];
    if (Object.hasOwn(property, KEYWORD)) {
      const isInteger = ownValue(property, 'type') === 'integer';
      found.push({ path: propertyPath, header: headerName(property), isInteger });
    }
    collect(property, propertyPath, found);
  }
}

function headerName(property: JsonObject): string {
  const name = property[KEYWORD];
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new TypeError(`${KEYWORD} must be a non-empty header name token`);
  }
  if (!MIRRORED_TYPES.has(ownValue(property, 'type'))) {
    throw new TypeError(`${KEYWORD} "${name}" must mark a string, an integer or a boolean`);
  }
  return `Mcp-Param-${name}`;
}

/** Keywords whose value is data, where a key named like the keyword is no mark. */
const DATA_KEYWORDS = new Set(['const', 'default', 'enum', 'examples']);
/** Keywords whose value maps free names to schemas. */
const NAMED_SCHEMAS = new Set(['properties', '$defs', 'definitions', 'patternProperties']);

function countMarks(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, item) => sum + countMarks(item), 0);
  if (!isJsonObject(node)) return 0;
  let count = Object.hasOwn(node, KEYWORD) ? 1 : 0;
  for (const [key, value] of Object.entries(node)) {
    if (DATA_KEYWORDS.has(key) || key === KEYWORD) continue;
    const isMap = NAMED_SCHEMAS.has(key) && isJsonObject(value);
    count += isMap ? countMarks(Object.values(value)) : countMarks(value);
  }
  return count;
}

/** The argument a parameter mirrors, as header text; `undefined` when there is none to mirror. */
export function mirroredText(parameter: MirroredParameter, args: JsonObject): string | undefined {
  let value: unknown = args;
  for (const name of parameter.path) {
    if (!isJsonObject(value)) return undefined;
    value = ownValue(value, name);
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  return undefined;
}

/** Whether a header, `undefined` when it was not sent, says what the arguments say. */
export function mirrorMatches(
  parameter: MirroredParameter,
  sent: string | undefined,
  args: JsonObject,
): boolean {
  const expected = mirroredText(parameter, args);
  if (sent === undefined || expected === undefined) return sent === expected;
  const told = decodeHeaderValue(sent);
  if (told === undefined || told === expected) return told === expected;
  return parameter.isInteger && isSameInteger(told, expected);
}

const WHOLE_NUMBER = /^-?\d+(\.0+)?$/;

/** `42.0` and `42` are the same value. */
function isSameInteger(told: string, expected: string): boolean {
  if (!WHOLE_NUMBER.test(told) || !WHOLE_NUMBER.test(expected)) return false;
  return Number(told) === Number(expected) && Number.isSafeInteger(Number(told));
}
