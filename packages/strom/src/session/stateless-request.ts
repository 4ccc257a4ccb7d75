/**
 * Requests that carry their own facts: checked, decoded, and handed to the core.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#statelessness
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { asStromError, publicError, type StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Dispatcher } from '../calls/dispatcher.ts';
import type { CallWatch, Observe } from '../calls/observer.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import { ReplyView } from '../calls/reply-view.ts';
import type { RpcRequest } from '../protocol/message.ts';
import { mcpEncoder } from '../protocol/message-encoder.ts';
import type { ClientFacts, OperationRequest } from '../protocol/operation.ts';
import { metaOf, progressTokenText, traceContext } from '../protocol/request-meta.ts';
import {
  revisionOf,
  STATELESS_REVISION,
  unsupportedVersion,
} from '../protocol/revisions/catalog.ts';
import { claimedVersion, decodeStatelessMeta, statedClient } from '../protocol/stateless-meta.ts';
import { takesTasks } from '../protocol/task.ts';

export interface StatelessHost {
  readonly dispatcher: Dispatcher;
  readonly principal: Principal;
  /** Reads a header that mirrors an argument, where the transport has headers. */
  readonly mirroredHeader?: (name: string) => string | undefined;
  /** Watches the request, where somebody wants to know of it. */
  readonly observe?: Observe | undefined;
}

/**
 * Starts the call a stateless request asks for.
 *
 * @returns the call; `undefined` when the request was refused and already answered
 */
export function startStateless(
  request: RpcRequest,
  channel: ReplyChannel,
  host: StatelessHost,
): Call | undefined {
  const { idText } = request;
  const { identity } = host.dispatcher;
  const operation = STATELESS_REVISION.operationOf(request.method);
  try {
    const meta = metaOf(request.params);
    checkVersion(meta);
    const facts = decodeStatelessMeta(meta);
    if (operation === undefined) throw methodNotFound(request.method);
    const token = progressTokenText(meta);
    const encoder = mcpEncoder(
      STATELESS_REVISION,
      { operation, idText, progressTokenText: token },
      identity,
    );
    const view = new ReplyView(encoder, channel, watch(request, host, facts.client));
    // One literal: spreading optional parts together would cost more than decoding them.
    const decoded: OperationRequest = {
      operation,
      params: request.params,
      client: facts.client,
      logGate: facts.logGate,
      principal: host.principal,
      wantsProgress: token !== undefined,
      takesTasks: takesTasks(facts.client.capabilities),
      trace: traceContext(meta),
      inputResponses: inputResponses(request.params),
      requestState: requestState(request.params),
      mirroredHeader: host.mirroredHeader,
    };
    return host.dispatcher.dispatch(decoded, view);
  } catch (error) {
    const envelope = { operation, idText, progressTokenText: undefined };
    const encoder = mcpEncoder(STATELESS_REVISION, envelope, identity);
    const refused = watch(request, host, statedClient(request.params));
    new ReplyView(encoder, channel, refused).finish({
      kind: 'error',
      error: asStromError(error, 'a request could not be decoded'),
    });
    return undefined;
  }
}

function watch(
  { method, params, idText }: RpcRequest,
  { observe, principal, mirroredHeader: header }: StatelessHost,
  client: ClientFacts,
): CallWatch | undefined {
  if (observe === undefined) return undefined;
  const { date: revision } = STATELESS_REVISION;
  return observe({ method, params, client, principal, revision, idText, header });
}

function checkVersion(meta: JsonObject): void {
  const version = claimedVersion(meta);
  if (version === undefined) {
    throw publicError('ERR_INVALID_META', 'The request says no protocol version in _meta');
  }
  if (revisionOf(version) !== STATELESS_REVISION) throw unsupportedVersion(version);
}

function methodNotFound(method: string): StromError {
  return publicError('ERR_METHOD_NOT_FOUND', `Method not found: ${method}`);
}

/**
 * The answers a retry carries beside the original parameters.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
function inputResponses(params: JsonObject): JsonObject | undefined {
  const responses = ownValue(params, 'inputResponses');
  if (responses === undefined || isJsonObject(responses)) return responses;
  throw publicError('ERR_INVALID_PARAMS', 'inputResponses must be an object');
}

/** The state a retry brings back with them. */
function requestState(params: JsonObject): string | undefined {
  const state = ownValue(params, 'requestState');
  if (state === undefined || typeof state === 'string') return state;
  throw publicError('ERR_INVALID_PARAMS', 'requestState must be a string');
}
