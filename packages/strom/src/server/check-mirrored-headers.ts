import type { JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { decodeHeaderValue } from '../protocol/header-value.ts';
import { mirroredText } from '../protocol/mirrored-parameters.ts';
import type { CompiledTool } from './tool.ts';

/**
 * Checks that every argument a tool mirrors into a header equals that header.
 *
 * @param headers - reads a header by lower-case name; `undefined` where nothing has to be mirrored
 * @throws {StromError} `ERR_HEADER_MISMATCH` naming the header
 */
export function checkMirroredHeaders(
  tool: CompiledTool,
  args: JsonObject,
  headers: ((name: string) => string | undefined) | undefined,
): void {
  if (headers === undefined) return;
  for (const parameter of tool.mirrored) {
    const sent = headers(parameter.header.toLowerCase());
    const told = sent === undefined ? undefined : decodeHeaderValue(sent);
    const isMalformed = sent !== undefined && told === undefined;
    if (isMalformed || !isSame(told, mirroredText(parameter, args))) {
      throw publicError(
        'ERR_HEADER_MISMATCH',
        `Header mismatch: ${parameter.header} does not match the request body`,
      );
    }
  }
}

const DECIMAL = /^-?\d+(\.0+)?$/;

/** Integers are compared as numbers: `42.0` and `42` are the same value. */
function isSame(told: string | undefined, expected: string | undefined): boolean {
  if (told === expected) return true;
  if (told === undefined || expected === undefined) return false;
  return DECIMAL.test(told) && DECIMAL.test(expected) && Number(told) === Number(expected);
}
