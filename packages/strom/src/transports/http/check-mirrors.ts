/**
 * Headers that repeat what the body says, so that intermediaries need not read the body. Where both
 * are there they must agree, in every era: a gateway that trusts the header must not be fooled.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { publicError } from '../../base/strom-error.ts';
import { decodeHeaderValue } from '../../protocol/header-value.ts';
import type { RpcRequest } from '../../protocol/message.ts';
import { mirrorMatches } from '../../protocol/mirrored-parameters.ts';
import { metaOf } from '../../protocol/request-meta.ts';
import { claimedVersion } from '../../protocol/stateless-meta.ts';
import type { ToolDirectory } from './tool-directory.ts';

type ReadHeader = (name: string) => string | undefined;

/** The member of `params` that `Mcp-Name` repeats. */
const NAME_SOURCES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

function mismatch(header: string, problem: string): never {
  throw publicError('ERR_HEADER_MISMATCH', `Header mismatch: ${header} ${problem}`);
}

function compare(name: string, sent: string | undefined, told: unknown): void {
  if (sent === undefined) mismatch(name, 'is missing');
  const decoded = name === 'Mcp-Name' ? decodeHeaderValue(sent) : sent;
  if (decoded !== told) mismatch(name, 'does not match the request body');
}

/**
 * Checks a request that speaks for itself: every mirror must be there.
 *
 * @throws {StromError} `ERR_HEADER_MISMATCH` naming the header
 */
export function checkStatelessMirrors(request: RpcRequest, header: ReadHeader): void {
  const version = claimedVersion(metaOf(request.params));
  if (version !== undefined) {
    compare('MCP-Protocol-Version', header('mcp-protocol-version'), version);
  }
  compare('Mcp-Method', header('mcp-method'), request.method);
  const source = NAME_SOURCES.get(request.method);
  const name = source === undefined ? undefined : ownValue(request.params, source);
  if (typeof name === 'string') compare('Mcp-Name', header('mcp-name'), name);
}

/**
 * Checks a request of a session: mirrors may be missing, but what is there must be true.
 *
 * @throws {StromError} `ERR_HEADER_MISMATCH` naming the header
 */
export function checkSessionMirrors(
  request: RpcRequest,
  header: ReadHeader,
  tools: ToolDirectory,
): void {
  const method = header('mcp-method');
  if (method !== undefined) compare('Mcp-Method', method, request.method);
  const sent = header('mcp-name');
  const source = NAME_SOURCES.get(request.method);
  if (sent !== undefined && source !== undefined) {
    compare('Mcp-Name', sent, ownValue(request.params, source));
  }
  if (request.method === 'tools/call') checkArguments(request.params, header, tools);
}

function checkArguments(params: JsonObject, header: ReadHeader, tools: ToolDirectory): void {
  const args = ownValue(params, 'arguments');
  for (const parameter of tools.mirroredParametersOf(String(ownValue(params, 'name')))) {
    const sent = header(parameter.header.toLowerCase());
    if (sent === undefined || mirrorMatches(parameter, sent, isJsonObject(args) ? args : {})) {
      continue;
    }
    mismatch(parameter.header, 'does not match the request body');
  }
}
