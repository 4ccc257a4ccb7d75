/**
 * The requests of the session revisions over Streamable HTTP.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http
 * @module
 */
import { shuttingDown } from '../../base/shutting-down.ts';
import { publicError } from '../../base/strom-error.ts';
import { utf8Length } from '../../base/utf8-length.ts';
import { splitBatch } from '../../calls/batch-channel.ts';
import { encodeErrorResponse } from '../../protocol/encode-error.ts';
import type { InvalidMessage, RpcMessage, RpcRequest } from '../../protocol/message.ts';
import { revisionOf, unsupportedVersion } from '../../protocol/revisions/catalog.ts';
import { negotiate } from '../../security/media-type.ts';
import type { Session } from '../../session/session.ts';
import { prefersJson } from './accepted-forms.ts';
import { checkMirrors } from './check-mirrors.ts';
import type { HttpExchange, ReplyHeaders } from './exchange.ts';
import { EMPTY_HEADERS } from './headers.ts';
import { HeldAnswer } from './held-answer.ts';
import type { HttpContext, SessionContext } from './http-context.ts';
import { HttpSession } from './http-session.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import type { MadeSession } from './session-keeper.ts';
import { SessionReply } from './session-reply.ts';

type Message = RpcMessage | InvalidMessage;

/**
 * Answers `initialize`; the id of the new session travels in a header of the answer. With a store
 * the answer waits until the session is kept there.
 */
export function openSession(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): Promise<void> | undefined {
  if (context.dispatcher.isShuttingDown) throw shuttingDown();
  checkMirrors(request, (name) => exchange.header(name), context.tools);
  // Throws for a client that takes no form of answer, before there is anything to take back.
  prefersJson(exchange);
  const { principal } = exchange;
  const { keeper } = context;
  if (keeper !== undefined) return openKept(context, exchange, request);
  const session = context.sessions.add(principal, (id, replay) =>
    makeSession(context, { id, principal, replay }),
  );
  const answer = new HeldAnswer();
  try {
    session.open(request, answer);
    releaseOpening(context, exchange, { session, request, answer });
  } catch (error) {
    context.sessions.delete(session);
    throw error;
  }
  return undefined;
}

async function openKept(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): Promise<void> {
  const session = await context.keeper?.open(exchange.principal);
  if (session === undefined) return;
  const answer = new HeldAnswer();
  try {
    session.open(request, answer);
    if (!answer.isFailure) await session.kept?.save();
    releaseOpening(context, exchange, { session, request, answer });
  } catch (error) {
    session.kept?.deleteSoon();
    context.sessions.delete(session);
    throw error;
  }
}

interface Opening {
  readonly session: HttpSession;
  readonly request: RpcRequest;
  readonly answer: HeldAnswer;
}

/** Lets the answer to `initialize` leave; the session it refuses does not come to be. */
function releaseOpening(context: HttpContext, exchange: HttpExchange, opening: Opening): void {
  const { session, request, answer } = opening;
  const reply = { session, requests: [request] };
  const headers = { 'mcp-session-id': session.id };
  if (answer.isFailure) {
    session.kept?.deleteSoon();
    context.sessions.delete(session);
    answer.release(replyOf(context, exchange, reply));
  } else answer.release(replyOf(context, exchange, { ...reply, headers }));
}

/** Makes a session of a server; it is not open yet. */
export function makeSession(context: SessionContext, made: MadeSession): HttpSession {
  const { dispatcher, keepAlive, clock, streamLimits: limits } = context;
  const observe = context.observe?.streamable;
  return new HttpSession({ ...made, dispatcher, keepAlive, clock, limits, observe });
}

/** Hands a request to its session. */
export function postToSession(
  context: HttpContext,
  exchange: HttpExchange,
  request: RpcRequest,
): void {
  const session = sessionOf(context, exchange);
  checkMirrors(request, (name) => exchange.header(name), context.tools);
  agreementOf(session).request(
    request,
    replyOf(context, exchange, { session, requests: [request] }),
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
  for (const message of messages) {
    if (message.kind === 'invalid') continue;
    checkMirrors(message, (name) => exchange.header(name), context.tools);
  }
  for (const message of messages) {
    if (message.kind === 'notification') agreement.notification(message.method, message.params);
    if (message.kind === 'response') agreement.response(message);
  }
  if (answered.length === 0) {
    exchange.reply(202, EMPTY_HEADERS);
    exchange.report?.(202, agreement.stated);
    return;
  }
  const reply = replyOf(context, exchange, { session, requests: answered, isBatch: true });
  const openChannel = splitBatch(reply, answered.length);
  for (const message of answered) {
    const channel = openChannel();
    if (message.kind === 'request') agreement.request(message, channel, exchange.principal);
    else {
      const refusal = encodeErrorResponse(message.idText, message.error);
      channel.end(refusal);
      const about = { ...agreement.stated, status: channel.status, bytes: utf8Length(refusal) };
      context.observe?.streamable.refused(message.error, exchange.principal, about);
    }
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
    throw methodNotAllowed('POST', 'GET needs the Mcp-Session-Id of a session');
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
  exchange.report?.(200, session.session?.stated);
}

/** Ends a session at the client's wish. */
export async function endSession(context: HttpContext, exchange: HttpExchange): Promise<void> {
  if (exchange.header('mcp-session-id') === undefined) {
    throw methodNotAllowed('POST', 'DELETE needs the Mcp-Session-Id of a session');
  }
  const session = sessionOf(context, exchange);
  await session.kept?.delete();
  context.sessions.delete(session);
  exchange.reply(204, EMPTY_HEADERS);
  exchange.report?.(204, session.session?.stated);
}

/**
 * The session a request names in its header.
 *
 * @throws {StromError} `ERR_SESSION_REQUIRED`, `ERR_UNSUPPORTED_VERSION`, `ERR_HEADER_MISMATCH`,
 * `ERR_SESSION_UNKNOWN`
 */
export function sessionOf(context: HttpContext, exchange: HttpExchange): HttpSession {
  const id = exchange.header('mcp-session-id');
  if (id === undefined) {
    throw publicError('ERR_SESSION_REQUIRED', 'Send initialize first, then its Mcp-Session-Id');
  }
  checkSessionVersion(exchange.header('mcp-protocol-version'));
  return context.sessions.get(id, exchange.principal);
}

/** Who trusts the header of a revision that mirrors everything must not be given less. */
function checkSessionVersion(version: string | undefined): void {
  if (version === undefined) return;
  const revision = revisionOf(version);
  if (revision === undefined) throw unsupportedVersion(version);
  if (revision.isStateless) {
    throw publicError('ERR_HEADER_MISMATCH', 'MCP-Protocol-Version names no revision of a session');
  }
}

function agreementOf({ session }: HttpSession): Session {
  if (session === undefined) throw publicError('ERR_SESSION_UNKNOWN', 'Session not found');
  return session;
}

interface ReplyOf {
  readonly session: HttpSession;
  /** What is answered. */
  readonly requests: readonly { readonly idText: string | undefined }[];
  /** Whether the answers leave together. */
  readonly isBatch?: boolean;
  readonly headers?: ReplyHeaders;
}

function replyOf(context: HttpContext, exchange: HttpExchange, of: ReplyOf): SessionReply {
  const { session, requests, isBatch = false } = of;
  return new SessionReply({
    exchange,
    keepAlive: context.keepAlive,
    gatekeeper: context.gatekeeper,
    prefersJson: prefersJson(exchange),
    limits: context.streamLimits,
    openStream: () => {
      const ids = requests.map(({ idText }) => idText).filter((idText) => idText !== undefined);
      return session.openStream({ requests: ids, isBatch });
    },
    ...(of.headers !== undefined && { headers: of.headers }),
  });
}
