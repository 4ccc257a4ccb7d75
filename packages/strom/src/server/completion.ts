/**
 * `completion/complete`: suggestions for prompt arguments and template variables.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { publicError } from '../base/strom-error.ts';
import type { OperationRequest } from '../protocol/operation.ts';
import type { Completer } from './completer.ts';
import type { Registry } from './registry.ts';

/** Most values in one answer, by the specification. */
const MAX_VALUES = 100;

function invalid(message: string): never {
  throw publicError('ERR_INVALID_PARAMS', message);
}

/**
 * Answers a completion request; an argument without a completer has no suggestions.
 *
 * @throws {StromError} `ERR_INVALID_PARAMS` for a malformed request, `ERR_UNKNOWN_PROMPT` and
 * `ERR_UNKNOWN_RESOURCE` for a reference to something that is not there
 */
export async function complete(
  registry: Registry,
  { params, principal }: Pick<OperationRequest, 'params' | 'principal'>,
): Promise<JsonObject> {
  const { name, value } = argumentOf(params);
  const completers = completersOf(registry, ownValue(params, 'ref'), principal);
  const completer = ownValue(completers, name) as Completer | undefined;
  const all = (await completer?.(value, knownArguments(params))) ?? [];
  const values = all.slice(0, MAX_VALUES);
  return { completion: { values, total: all.length, hasMore: all.length > values.length } };
}

function argumentOf(params: JsonObject): { name: string; value: string } {
  const argument = ownValue(params, 'argument');
  if (!isJsonObject(argument)) return invalid('argument must be an object');
  const { name, value } = argument;
  if (typeof name !== 'string' || typeof value !== 'string') {
    return invalid('argument needs a name and a value');
  }
  return { name, value };
}

/** What the caller may not use gives away no suggestions: it is as if it were not there. */
function completersOf(registry: Registry, ref: unknown, principal: Principal): JsonObject {
  if (!isJsonObject(ref)) return invalid('ref must be an object');
  switch (ref['type']) {
    case 'ref/prompt':
      return registry.completersOfPrompt(ref['name'], principal);
    case 'ref/resource':
      return registry.completersOfUri(ref['uri'], principal);
    default:
      return invalid('ref.type must be ref/prompt or ref/resource');
  }
}

function knownArguments(params: JsonObject): Readonly<Record<string, unknown>> {
  const context = ownValue(params, 'context');
  const known = isJsonObject(context) ? ownValue(context, 'arguments') : undefined;
  return isJsonObject(known) ? known : {};
}
