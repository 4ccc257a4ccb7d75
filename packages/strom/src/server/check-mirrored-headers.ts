import type { JsonObject } from '../base/json.ts';
import { publicError } from '../base/strom-error.ts';
import { mirrorMatches } from '../protocol/mirrored-parameters.ts';
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
    if (mirrorMatches(parameter, headers(parameter.header.toLowerCase()), args)) continue;
    throw publicError(
      'ERR_HEADER_MISMATCH',
      `Header mismatch: ${parameter.header} does not match the request body`,
    );
  }
}
