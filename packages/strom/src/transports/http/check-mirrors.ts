/**
 * Headers that repeat what the body says, so that intermediaries need not read the body. Where both
 * are there they must agree, in every era: a gateway that trusts the header must not be fooled.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 * @module
 */
import { isJsonObject, type JsonObject, ownValue, textOr } from '../../base/json.ts';
import { publicError } from '../../base/strom-error.ts';
import { decodeHeaderValue } from '../../protocol/header-value.ts';
import type { RpcRequest, RpcResponse } from '../../protocol/message.ts';
import { mirrorMatches } from '../../protocol/mirrored-parameters.ts';
import { parseInput } from '../../protocol/parse-message.ts';
import { metaOf } from '../../protocol/request-meta.ts';
import { claimedVersion } from '../../protocol/stateless-meta.ts';
import type { ToolDirectory } from './tool-directory.ts';

const MIRROR = /^mcp-(?:protocol-version|method|name|param-.*)$/i;

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

/** What mirrors are compared with; an answer to the server has no method, and nothing mirrors it. */
type Mirrored = Pick<RpcRequest, 'method' | 'params'> | RpcResponse;

/**
 * Checks what comes where nothing has to be mirrored: in a session, over HTTP+SSE, as a plain
 * stream. Mirrors may be missing, but what is there must be true.
 *
 * @throws {StromError} `ERR_HEADER_MISMATCH` naming the header
 */
export function checkMirrors(message: Mirrored, header: ReadHeader, tools: ToolDirectory): void {
  const claimed = header('mcp-method');
  if (!('method' in message)) {
    if (claimed !== undefined) compare('Mcp-Method', claimed, undefined);
    return;
  }
  const { method, params } = message;
  if (claimed !== undefined) compare('Mcp-Method', claimed, method);
  const sent = header('mcp-name');
  const source = NAME_SOURCES.get(method);
  if (sent !== undefined && source !== undefined) {
    compare('Mcp-Name', sent, ownValue(params, source));
  }
  if (method === 'tools/call') checkArguments(params, header, tools);
}

/**
 * Checks the messages of a connection over HTTP+SSE, which may be of either era.
 *
 * @throws {StromError} `ERR_HEADER_MISMATCH` naming the header, and what {@link parseInput} throws
 */
export function checkPostedMirrors(
  text: string,
  header: ReadHeader,
  { rawHeaders, tools }: { readonly rawHeaders: readonly string[]; readonly tools: ToolDirectory },
): void {
  // Its clients know no mirrors, and hardly ever need a second look at what they send.
  if (!rawHeaders.some((name, index) => index % 2 === 0 && MIRROR.test(name))) return;
  const version = header('mcp-protocol-version');
  for (const message of parseInput(text).messages) {
    if (message.kind === 'invalid') continue;
    checkMirrors(message, header, tools);
    if (version === undefined || message.kind === 'response') continue;
    const claimed = claimedVersion(metaOf(message.params));
    if (claimed !== undefined) compare('MCP-Protocol-Version', version, claimed);
  }
}

function checkArguments(params: JsonObject, header: ReadHeader, tools: ToolDirectory): void {
  const args = ownValue(params, 'arguments');
  for (const parameter of tools.mirroredParametersOf(textOr(ownValue(params, 'name'), ''))) {
    const sent = header(parameter.header.toLowerCase());
    if (sent === undefined || mirrorMatches(parameter, sent, isJsonObject(args) ? args : {})) {
      continue;
    }
    mismatch(parameter.header, 'does not match the request body');
  }
}
