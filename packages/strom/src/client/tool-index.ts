/**
 * What the client remembers of each listed tool: the arguments it must repeat as headers.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#custom-headers-from-tool-parameters
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { encodeHeaderValue } from '../protocol/header-value.ts';
import {
  type MirroredParameter,
  mirroredParameters,
  mirroredText,
} from '../protocol/mirrored-parameters.ts';
import type { Tool } from '../protocol/spec/2026-07-28.ts';

/** All mirrored headers of one request; servers usually read 16 KiB of headers in all. */
const MAX_MIRRORED_CHARS = 12 * 1024;

export type RefuseTool = (name: string, reason: string) => void;

export class ToolIndex {
  #mirrored: ReadonlyMap<string, readonly MirroredParameter[]> = new Map();

  /** Takes in a fresh list and returns the tools whose definition is valid. */
  adopt(tools: readonly Tool[], refuse: RefuseTool): Tool[] {
    const mirrored = new Map<string, readonly MirroredParameter[]>();
    const valid = tools.filter((tool) => {
      try {
        const schema: unknown = tool.inputSchema;
        mirrored.set(tool.name, isJsonObject(schema) ? mirroredParameters(schema) : []);
        return true;
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        refuse(tool.name, error.message);
        return false;
      }
    });
    this.#mirrored = mirrored;
    return valid;
  }

  /**
   * The headers that repeat the arguments of a call.
   *
   * @throws {StromError} `ERR_INVALID_PARAMS` when they would not fit into a request's headers
   */
  headersFor(params: JsonObject): Record<string, string> {
    const name = ownValue(params, 'name');
    const args = ownValue(params, 'arguments');
    const headers: Record<string, string> = {};
    if (typeof name !== 'string' || !isJsonObject(args)) return headers;
    let chars = 0;
    for (const parameter of this.#mirrored.get(name) ?? []) {
      const text = mirroredText(parameter, args);
      if (text === undefined) continue;
      const value = encodeHeaderValue(text);
      chars += parameter.header.length + value.length;
      if (chars > MAX_MIRRORED_CHARS) {
        throw new StromError('ERR_INVALID_PARAMS', 'arguments mirrored as headers are too long');
      }
      headers[parameter.header] = value;
    }
    return headers;
  }
}
