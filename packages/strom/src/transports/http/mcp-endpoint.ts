/**
 * Streamable HTTP: every revision since 2025-03-26 on one URL.
 *
 * ```
 * POST ─┬─ speaks for itself (version in header or _meta) ─▶ stateless call
 *       ├─ initialize ─────────────────────────────────────▶ new session
 *       └─ Mcp-Session-Id ─────────────────────────────────▶ that session
 * GET ──── Mcp-Session-Id ─▶ the session's own stream, or the one Last-Event-ID names
 * DELETE ─ Mcp-Session-Id ─▶ the session ends
 * ```
 *
 * @module
 */
import { ownValue } from '../../base/json.ts';
import { OTHER } from '../../base/name-census.ts';
import { asStromError, publicError } from '../../base/strom-error.ts';
import { clientFacts } from '../../protocol/client-facts.ts';
import type { RpcMessage, RpcRequest } from '../../protocol/message.ts';
import { decodeUtf8, parseInput } from '../../protocol/parse-message.ts';
import { isMethod, revisionOf } from '../../protocol/revisions/catalog.ts';
import { claimsVersion, statedClient } from '../../protocol/stateless-meta.ts';
import { checkJsonBody } from '../../security/media-type.ts';
import { startStateless } from '../../session/stateless-request.ts';
import { acceptedForms } from './accepted-forms.ts';
import { checkMirrors, checkStatelessMirrors } from './check-mirrors.ts';
import type { HttpExchange, Reported } from './exchange.ts';
import { EMPTY_HEADERS } from './headers.ts';
import type { HttpContext } from './http-context.ts';
import { HttpReply } from './http-reply.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { logIncident, refuse } from './refuse.ts';
import {
  attachSession,
  endSession,
  openSession,
  postBatch,
  postToSession,
  sessionOf,
} from './session-requests.ts';

/**
 * Serves one request to the MCP endpoint.
 *
 * @throws {StromError} for anything wrong with it before its id is known; the caller answers
 */
export function serveMcp(context: HttpContext, exchange: HttpExchange): Promise<void> | undefined {
  const sessionId = context.keeper && exchange.header('mcp-session-id');
  if (sessionId === undefined) return serveMethod(context, exchange);
  return serveKept(context, exchange, sessionId);
}

/** Serves a session that may be in a store only, or held by another process. */
async function serveKept(
  context: HttpContext,
  exchange: HttpExchange,
  sessionId: string,
): Promise<void> {
  const elsewhere = await context.keeper?.admit(sessionId, exchange.principal);
  if (elsewhere === undefined) await serveMethod(context, exchange);
  else if (exchange.passTo?.(elsewhere) !== true) {
    throw publicError('ERR_SESSION_ELSEWHERE', 'Another process holds the session; try again');
  }
}

function serveMethod(context: HttpContext, exchange: HttpExchange): Promise<void> | undefined {
  switch (exchange.method) {
    case 'POST':
      return post(context, exchange);
    case 'GET':
      attachSession(context, exchange);
      return undefined;
    case 'DELETE':
      return endSession(context, exchange);
    default:
      throw methodNotAllowed('GET, POST, DELETE');
  }
}

async function post(context: HttpContext, exchange: HttpExchange): Promise<void> {
  const wrongBody = checkJsonBody(exchange);
  if (wrongBody !== undefined) throw wrongBody;
  const { messages, isBatch } = parseInput(
    decodeUtf8(await exchange.readBody(context.maxBodyBytes)),
  );
  const [message] = messages;
  if (isBatch) postBatch(context, exchange, messages);
  else if (message?.kind === 'invalid') refuse(exchange, message.error, { idText: message.idText });
  else if (message?.kind === 'request') return postRequest(context, exchange, message);
  else if (message !== undefined) postOneWay(context, exchange, message);
}

function postRequest(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): Promise<void> | undefined {
  const refused = (error: unknown): void => {
    const failure = asStromError(error, 'a request failed');
    logIncident(context.logger, exchange, failure);
    refuse(exchange, failure, { idText: request.idText, about: aboutRequest(request) });
  };
  try {
    if (isStateless(exchange, request)) callStateless(context, exchange, request);
    else if (request.method === 'initialize') {
      return openSession(context, exchange, request)?.catch(refused);
    } else postToSession(context, exchange, request);
  } catch (error) {
    refused(error);
  }
  return undefined;
}

/** A version nobody knows is a newer one: the stateless path tells it which ones are spoken here. */
function isStateless(exchange: HttpExchange, request: RpcRequest): boolean {
  if (claimsVersion(request.params)) return true;
  const version = exchange.header('mcp-protocol-version');
  return version !== undefined && revisionOf(version)?.isStateless !== false;
}

function callStateless(context: HttpContext, exchange: HttpExchange, request: RpcRequest): void {
  const header = (name: string): string | undefined => exchange.header(name);
  checkStatelessMirrors(request, header);
  const reply = new HttpReply(exchange, acceptedForms(exchange), context);
  const call = startStateless(request, reply, {
    dispatcher: context.dispatcher,
    principal: exchange.principal,
    mirroredHeader: header,
    observe: context.observe?.streamable,
  });
  if (call !== undefined && !call.ended) reply.waitFor(call);
}

/** Notifications and answers: accepted, or refused with the reason. */
function postOneWay(
  context: HttpContext,
  exchange: HttpExchange,
  message: Exclude<RpcMessage, RpcRequest>,
): void {
  checkMirrors(message, (name) => exchange.header(name), context.tools);
  const session = hasSession(exchange) ? sessionOf(context, exchange).session : undefined;
  if (session !== undefined) {
    if (message.kind === 'notification') session.notification(message.method, message.params);
    else session.response(message);
  }
  exchange.reply(202, EMPTY_HEADERS);
  exchange.report?.(202, { ...session?.stated, what: whatOf(message) });
}

function hasSession(exchange: HttpExchange): boolean {
  return exchange.header('mcp-session-id') !== undefined;
}

/** What is written down of a request that is refused before it is a call. */
function aboutRequest({ method, params }: RpcRequest): Reported {
  const client =
    method === 'initialize'
      ? clientFacts(ownValue(params, 'clientInfo'), undefined)
      : statedClient(params);
  return { what: isMethod(method) ? method : OTHER, client };
}

/** What is written down of it; what clients make up is not. */
function whatOf(message: Exclude<RpcMessage, RpcRequest>): string {
  if (message.kind === 'response') return 'response';
  return isMethod(message.method) ? message.method : 'notification';
}
