/**
 * The two ways to open a conversation: `server/discover`, and `initialize` for servers before it.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
 * @module
 */
import { RPC } from '../base/error-codes.ts';
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { serverInfoOf } from '../protocol/client-envelope.ts';
import type { RpcResponse } from '../protocol/message.ts';
import {
  REVISION_DATES,
  revisionOf,
  SESSION_REVISIONS,
  STATELESS_REVISION,
} from '../protocol/revisions/catalog.ts';
import type { ServerCapabilities } from '../protocol/spec/2026-07-28.ts';
import { type Exchange, notificationText } from './exchange.ts';
import { httpStatusOf } from './http-error.ts';
import { type ClientIdentity, type Era, encodeRequest, type ServerFacts } from './link.ts';
import { onAbort } from './on-abort.ts';
import { orAborted } from './pause.ts';
import type { Switchboard } from './switchboard.ts';

export interface Opening {
  readonly exchange: Exchange;
  readonly board: Switchboard;
  readonly identity: ClientIdentity;
  readonly nextId: () => number;
  readonly signal: AbortSignal;
}

/** The outcome of a response. @throws {WireError} when it is an error */
export function resultOf(response: RpcResponse): JsonObject {
  const { error, result } = response;
  if (error !== undefined) throw new WireError(error.code, error.message, error.data);
  if (!isJsonObject(result)) throw new StromError('ERR_PROTOCOL', 'a result must be an object');
  return result;
}

interface Question {
  readonly method: string;
  readonly params: JsonObject;
  readonly isStateless: boolean;
}

/** One request and its result, without any of the comforts of a call. */
export async function ask(opening: Opening, question: Question): Promise<JsonObject> {
  const { exchange, board, identity, signal } = opening;
  signal.throwIfAborted();
  const inbox = board.open(opening.nextId());
  let isAnswered = false;
  const loseInterest = onAbort(signal, () => inbox.abort(signal.reason));
  try {
    exchange.send(encodeRequest({ id: inbox.id, ...question }, identity), inbox);
    for (;;) {
      const message = await inbox.take();
      isAnswered = message.kind === 'response';
      if (message.kind === 'response') return resultOf(message);
    }
  } finally {
    if (!isAnswered) exchange.cancel(inbox);
    loseInterest();
    board.close(inbox);
  }
}

const GATE_STATUSES = new Set([401, 403, 407, 429, 502, 503, 504]);
const FINAL_CODES = new Set(['ERR_CONNECT', 'ERR_UNSUPPORTED_VERSION', 'ERR_CANCELLED']);

/** Whether an older way to open would meet the same obstacle: nobody there, or not let in. */
export function isFinal(error: unknown, opening: Opening): boolean {
  if (opening.signal.aborted) return true;
  if (error instanceof WireError) return isModernRefusal(error.code);
  if (!(error instanceof StromError)) return true;
  if (FINAL_CODES.has(error.code)) return true;
  const status = httpStatusOf(error);
  if (status !== undefined) return GATE_STATUSES.has(status) || (status >= 300 && status < 400);
  const isDuplex = opening.exchange.transport !== 'streamable-http';
  return isDuplex && !opening.exchange.isOpen;
}

/** Errors that only servers of the stateless revision give. */
function isModernRefusal(code: number): boolean {
  return code === RPC.headerMismatch || code === RPC.missingRequiredClientCapability;
}

function textOr(object: JsonObject, key: string, fallback: string): string {
  const value = ownValue(object, key);
  return typeof value === 'string' ? value : fallback;
}

interface Settled {
  readonly result: JsonObject;
  readonly revision: string;
  readonly era: Era;
  readonly exchange: Exchange;
}

function toFacts({ result, revision, era, exchange }: Settled): ServerFacts {
  const info = serverInfoOf(result);
  const capabilities = ownValue(result, 'capabilities');
  const title = ownValue(info, 'title');
  const instructions = ownValue(result, 'instructions');
  return {
    name: textOr(info, 'name', 'unknown'),
    version: textOr(info, 'version', 'unknown'),
    title: typeof title === 'string' ? title : undefined,
    instructions: typeof instructions === 'string' ? instructions : undefined,
    capabilities: isJsonObject(capabilities) ? (capabilities as ServerCapabilities) : {},
    revision,
    era,
    transport: exchange.transport,
  };
}

const REVISION_DATE = /^[\w.-]{1,32}$/;
/** The words of a server end up on screens. */
const MOST_TOLD = 16;

function isRevisionDate(version: unknown): boolean {
  return typeof version === 'string' && REVISION_DATE.test(version);
}

function unsupported(versions: readonly unknown[]): StromError {
  const spoken = versions.filter(isRevisionDate).slice(0, MOST_TOLD).join(', ');
  return new StromError(
    'ERR_UNSUPPORTED_VERSION',
    `the server speaks only ${spoken || 'nothing'}`,
    {
      data: { supported: versions, requested: REVISION_DATES },
    },
  );
}

/** The error that sends the search to the older way to open. */
function legacy(cause?: unknown): StromError {
  return new StromError('ERR_PROTOCOL', 'the server does not know server/discover', { cause });
}

/** Judges a list of versions: ours is in it, an older one is, or there is no common one. */
function isOurs(versions: unknown): boolean {
  if (!Array.isArray(versions)) throw legacy();
  if (versions.includes(STATELESS_REVISION.date)) return true;
  if (versions.some((version) => REVISION_DATES.includes(version))) throw legacy();
  throw unsupported(versions);
}

function supportedBy(error: unknown): unknown {
  if (!(error instanceof WireError) || error.code !== RPC.unsupportedProtocolVersion)
    return undefined;
  return isJsonObject(error.data) ? ownValue(error.data, 'supported') : [];
}

/**
 * Opens without a handshake.
 *
 * @throws an error that is not {@link isFinal} when the server is one of an older era
 */
export async function discover(opening: Opening): Promise<ServerFacts> {
  const { exchange } = opening;
  const revision = STATELESS_REVISION.date;
  const question = { method: 'server/discover', params: {}, isStateless: true };
  const result = await ask(opening, question).catch((error: unknown) => {
    const versions = supportedBy(error);
    if (versions === undefined) throw error;
    // Worth one more attempt even if our version was refused: its own list is what counts.
    if (isOurs(versions)) return ask(opening, question);
    throw error;
  });
  isOurs(ownValue(result, 'supportedVersions'));
  return toFacts({ result, revision, era: 'stateless', exchange });
}

/**
 * Opens with a handshake and completes it.
 *
 * @throws {StromError} `ERR_UNSUPPORTED_VERSION` when the server answers with a revision unknown here
 */
export async function initialize(opening: Opening): Promise<ServerFacts> {
  const { exchange, identity, board } = opening;
  board.answerThrough((text) => exchange.post(text));
  const result = await ask(opening, {
    method: 'initialize',
    params: {
      protocolVersion: SESSION_REVISIONS[0].date,
      capabilities: identity.capabilities,
      clientInfo: identity.info,
    },
    isStateless: false,
  });
  const date = ownValue(result, 'protocolVersion');
  const revision = typeof date === 'string' ? revisionOf(date) : undefined;
  if (revision === undefined || revision.isStateless) throw unsupported([date]);
  exchange.settle(revision.date);
  await orAborted(exchange.post(notificationText('notifications/initialized')), opening.signal);
  exchange.listen();
  const era = exchange.transport === 'http+sse' ? 'sse' : 'session';
  return toFacts({ result, revision: revision.date, era, exchange });
}
