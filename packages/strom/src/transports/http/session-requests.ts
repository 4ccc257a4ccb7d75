/**
 * The requests of the session revisions over Streamable HTTP.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 * @module
 */
import { publicError } from '../../base/strom-error.ts';
import { splitBatch } from '../../calls/batch-channel.ts';
import { encodeErrorResponse } from '../../protocol/encode-error.ts';
import type { InvalidMessage, RpcMessage, RpcRequest } from '../../protocol/message.ts';
import { revisionOf, unsupportedVersion } from '../../protocol/revisions/catalog.ts';
import { negotiate } from '../../security/media-type.ts';
import type { Session } from '../../session/session.ts';
import { prefersJson } from './accepted-forms.ts';
import { checkSessionMirrors } from './check-mirrors.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import { EMPTY_HEADERS } from './headers.ts';
import type { HttpContext } from './http-context.ts';
import { HttpSession } from './http-session.ts';
import { SessionReply } from './session-reply.ts';

type Message = RpcMessage | InvalidMessage;

/** Answers `initialize`; the id of the new session travels in a header of the answer. */
export function openSession(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): void {
  checkSessionMirrors(request, (name) => exchange.header(name), context.tools);
  const { dispatcher, keepAlive, clock, streamLimits: limits } = context;
  const { principal } = exchange;
  const observe = context.observe?.streamable;
  const session = context.sessions.add(
    principal,
    (id, replay) =>
      new HttpSession({ id, principal, replay, dispatcher, keepAlive, clock, limits, observe }),
  );
  const headers = { 'mcp-session-id': session.id };
  try {
    session.open(request, replyOf(context, exchange, { session, headers }));
  } catch (error) {
    context.sessions.delete(session);
    throw error;
  }
}

/** Hands a request to its session. */
export function postToSession(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): void {
  const session = sessionOf(context, exchange);
  checkSessionMirrors(request, (name) => exchange.header(name), context.tools);
  agreementOf(session).request(
    request,
    replyOf(context, exchange, { session }),
    exchange.principal,
  );
}

/**
 * Handles a batch, which only one revision has.
 *
 * @throws {StromError} `ERR_INVALID_REQUEST` where batches are not part of the revision
 */
export function postBatch(
  context: HttpContext,
  exchange: HttpExchange,
  messages: readonly Message[],
): void {
  if (exchange.header('mcp-session-id') === undefined) throw noBatches();
  const session = sessionOf(context, exchange);
  const agreement = agreementOf(session);
  if (!agreement.revision.hasBatches) throw noBatches();
  const answered = messages.filter(isAnswered);
  for (const message of answered) {
    if (message.kind !== 'request') continue;
    checkSessionMirrors(message, (name) => exchange.header(name), context.tools);
  }
  for (const message of messages) {
    if (message.kind === 'notification') agreement.notification(message.method, message.params);
    if (message.kind === 'response') agreement.response(message);
  }
  if (answered.length === 0) {
    exchange.reply(202, EMPTY_HEADERS);
    return;
  }
  const openChannel = splitBatch(replyOf(context, exchange, { session }), answered.length);
  for (const message of answered) {
    const channel = openChannel();
    if (message.kind === 'request') agreement.request(message, channel, exchange.principal);
    else channel.end(encodeErrorResponse(message.idText, message.error));
  }
}

function isAnswered(message: Message): message is RpcRequest | InvalidMessage {
  return message.kind === 'request' || message.kind === 'invalid';
}

function noBatches() {
  return publicError('ERR_INVALID_REQUEST', 'Batches are not part of this revision');
}

/** Opens the session's own stream, or resumes a broken one. */
export function attachSession(context: HttpContext, exchange: HttpExchange): void {
  if (exchange.header('mcp-session-id') === undefined) {
    throw publicError('ERR_HTTP_METHOD', 'GET needs the Mcp-Session-Id of a session');
  }
  if (negotiate(exchange.header('accept'), ['text/event-stream']) === undefined) {
    throw publicError('ERR_NOT_ACCEPTABLE', 'Accept text/event-stream');
  }
  const session = sessionOf(context, exchange);
  const { principal } = exchange;
  const { openStreams } = context;
  const refusal = openStreams.take(principal);
  if (refusal !== undefined) throw refusal;
  const release = (): void => openStreams.release(principal);
  try {
    session.attach(exchange, exchange.header('last-event-id'), release);
  } catch (error) {
    release();
    throw error;
  }
  exchange.report?.(200);
}

/** Ends a session at the client's wish. */
export function endSession(context: HttpContext, exchange: HttpExchange): void {
  if (exchange.header('mcp-session-id') === undefined) {
    throw publicError('ERR_HTTP_METHOD', 'DELETE needs the Mcp-Session-Id of a session');
  }
  context.sessions.delete(sessionOf(context, exchange));
  exchange.reply(204, EMPTY_HEADERS);
  exchange.report?.(204);
}

/**
 * The session a request names in its header.
 *
 * @throws {StromError} `ERR_SESSION_REQUIRED`, `ERR_UNSUPPORTED_VERSION`, `ERR_SESSION_UNKNOWN`
 */
export function sessionOf(context: HttpContext, exchange: HttpExchange): HttpSession {
  const id = exchange.header('mcp-session-id');
  if (id === undefined) {
    throw publicError('ERR_SESSION_REQUIRED', 'Send initialize first, then its Mcp-Session-Id');
  }
  const version = exchange.header('mcp-protocol-version');
  if (version !== undefined && revisionOf(version) === undefined) {
    throw unsupportedVersion(version);
  }
  return context.sessions.get(id, exchange.principal);
}

function agreementOf({ session }: HttpSession): Session {
  if (session === undefined) throw publicError('ERR_SESSION_UNKNOWN', 'Session not found');
  return session;
}

interface ReplyOf {
  readonly session: HttpSession;
  readonly headers?: ReplyHeaders;
}

function replyOf(context: HttpContext, exchange: HttpExchange, of: ReplyOf): SessionReply {
  return new SessionReply({
    exchange,
    keepAlive: context.keepAlive,
    gatekeeper: context.gatekeeper,
    prefersJson: prefersJson(exchange),
    openStream: () => of.session.openStream(),
    ...(of.headers !== undefined && { headers: of.headers }),
  });
}
