/**
 * Requests that carry their own facts: checked, decoded, and handed to the core.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic#statelessness
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { Principal } from '../base/principal.ts';
import { publicError, StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import type { Dispatcher } from '../calls/dispatcher.ts';
import type { CallWatch, Observe } from '../calls/observer.ts';
import type { ReplyChannel } from '../calls/reply-channel.ts';
import { ReplyView } from '../calls/reply-view.ts';
import { clientFacts } from '../protocol/client-facts.ts';
import type { RpcRequest } from '../protocol/message.ts';
import { mcpEncoder } from '../protocol/message-encoder.ts';
import type { ClientFacts, OperationRequest } from '../protocol/operation.ts';
import { metaOf, progressTokenText, traceContext } from '../protocol/request-meta.ts';
import {
  revisionOf,
  STATELESS_REVISION,
  unsupportedVersion,
} from '../protocol/revisions/catalog.ts';
import { claimedVersion, decodeStatelessMeta } from '../protocol/stateless-meta.ts';
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
  const operation = STATELESS_REVISION.operationOf(request.method);
  const envelope = { operation, idText: request.idText, progressTokenText: undefined };
  try {
    checkVersion(request);
    const decoded = decode(request, host);
    const tokenText = progressTokenText(metaOf(request.params));
    const view = new ReplyView(
      mcpEncoder(
        STATELESS_REVISION,
        { ...envelope, progressTokenText: tokenText },
        host.dispatcher.identity,
      ),
      channel,
      watch(request, host, decoded.client),
    );
    return host.dispatcher.dispatch(decoded, view);
  } catch (error) {
    const encoder = mcpEncoder(STATELESS_REVISION, envelope, host.dispatcher.identity);
    const refused = watch(request, host, clientFacts(undefined, undefined));
    new ReplyView(encoder, channel, refused).finish({ kind: 'error', error: asStromError(error) });
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

function checkVersion(request: RpcRequest): void {
  const version = claimedVersion(metaOf(request.params));
  if (version === undefined) {
    throw publicError('ERR_INVALID_META', 'The request says no protocol version in _meta');
  }
  if (revisionOf(version) !== STATELESS_REVISION) throw unsupportedVersion(version);
}

function decode(request: RpcRequest, host: StatelessHost): OperationRequest {
  const meta = metaOf(request.params);
  const facts = decodeStatelessMeta(meta);
  const operation = STATELESS_REVISION.operationOf(request.method);
  if (operation === undefined) {
    throw publicError('ERR_METHOD_NOT_FOUND', `Method not found: ${request.method}`);
  }
  return {
    operation,
    params: request.params,
    ...facts,
    principal: host.principal,
    wantsProgress: progressTokenText(meta) !== undefined,
    takesTasks: takesTasks(facts.client.capabilities),
    trace: traceContext(meta),
    ...roundOf(request.params),
    ...(host.mirroredHeader !== undefined && { mirroredHeader: host.mirroredHeader }),
  };
}

/**
 * What a retry carries beside the original parameters.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr
 */
function roundOf(params: JsonObject): Pick<OperationRequest, 'inputResponses' | 'requestState'> {
  const responses = ownValue(params, 'inputResponses');
  const state = ownValue(params, 'requestState');
  if (responses !== undefined && !isJsonObject(responses)) {
    throw publicError('ERR_INVALID_PARAMS', 'inputResponses must be an object');
  }
  if (state !== undefined && typeof state !== 'string') {
    throw publicError('ERR_INVALID_PARAMS', 'requestState must be a string');
  }
  return {
    ...(responses !== undefined && { inputResponses: responses }),
    ...(state !== undefined && { requestState: state }),
  };
}

/** Only errors made for the peer are thrown here; anything else would be a defect of ours. */
function asStromError(error: unknown): StromError {
  if (error instanceof StromError) return error;
  return new StromError('ERR_INTERNAL', 'a request could not be decoded', { cause: error });
}
