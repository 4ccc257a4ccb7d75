/**
 * Plain HTTP streaming: `POST /stream/<tool>` with the arguments as JSON, and `GET` for tools that
 * only read. The answer arrives in pieces as the tool speaks.
 *
 * @module
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { isLogLevel, type LogLevel } from '../../base/log-level.ts';
import { publicError, type StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';
import type { Call } from '../../calls/call.ts';
import { droppedLogs } from '../../calls/dropped-logs.ts';
import type { FramePolicy, Outbox } from '../../calls/outbox.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import { ReplyView } from '../../calls/reply-view.ts';
import type { Tally } from '../../calls/tally.ts';
import { clientFacts } from '../../protocol/client-facts.ts';
import type { Pieces } from '../../protocol/json-pieces.ts';
import { decodeUtf8, parseValue } from '../../protocol/parse-message.ts';
import { PLAIN_TYPES, type PlainType, plainEncoder } from '../../protocol/plain-encoder.ts';
import { SSE_KEEP_ALIVE } from '../../protocol/sse-encode.ts';
import { checkJsonBody, negotiate } from '../../security/media-type.ts';
import { checkMirrors } from './check-mirrors.ts';
import type { HttpExchange, PeerWatcher } from './exchange.ts';
import { streamHeaders } from './headers.ts';
import type { HttpContext } from './http-context.ts';
import type { KeptAlive } from './keep-alive.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { endInPieces, openOutbox } from './open-outbox.ts';
import { peerGone, refusalHeaders } from './refuse.ts';

const DEFAULT_LOG_LEVEL: LogLevel = 'info';
const OPERATION = 'tools/call';

/**
 * Serves one plain stream.
 *
 * @throws {StromError} for anything wrong with the request; the caller answers with it
 */
export async function servePlainStream(
  context: HttpContext,
  exchange: HttpExchange,
  tool: string,
): Promise<void> {
  if (!context.tools.hasTool(tool)) throw publicError('ERR_PATH_NOT_FOUND', 'No such tool');
  const type = negotiate(exchange.header('accept'), PLAIN_TYPES);
  if (type === undefined) {
    throw publicError('ERR_NOT_ACCEPTABLE', `Accept one of ${PLAIN_TYPES.join(', ')}`);
  }
  const args = await readArguments(context, exchange, tool);
  const params = { name: tool, arguments: args };
  checkMirrors({ method: OPERATION, params }, (name) => exchange.header(name), context.tools);
  const logGate = { level: logLevel(exchange) };
  const reply = new PlainReply(exchange, type, context);
  const { principal } = exchange;
  const client = clientFacts(undefined, undefined);
  const call = context.dispatcher.dispatch(
    {
      operation: OPERATION,
      params,
      client,
      principal,
      logGate,
      wantsProgress: true,
      takesTasks: false,
      trace: undefined,
    },
    new ReplyView(
      plainEncoder(type),
      reply,
      context.observe?.plain({
        method: OPERATION,
        params,
        client,
        principal,
        revision: undefined,
        header: (name) => exchange.header(name),
      }),
    ),
  );
  if (!call.ended) reply.waitFor(call);
}

async function readArguments(
  context: HttpContext,
  exchange: HttpExchange,
  tool: string,
): Promise<JsonObject> {
  if (exchange.method === 'GET') {
    if (!context.tools.isReadOnlyTool(tool)) {
      throw methodNotAllowed('POST', 'Use POST; GET is for tools with readOnlyHint');
    }
    const { args, ...named } = Object.fromEntries(exchange.query);
    delete named['logLevel'];
    return args === undefined ? named : jsonArguments(args);
  }
  if (exchange.method !== 'POST') {
    throw methodNotAllowed(context.tools.isReadOnlyTool(tool) ? 'GET, POST' : 'POST');
  }
  const body = await exchange.readBody(context.maxBodyBytes);
  if (body.length === 0) return {};
  const wrongBody = checkJsonBody(exchange);
  if (wrongBody !== undefined) throw wrongBody;
  return jsonArguments(decodeUtf8(body));
}

function jsonArguments(text: string): JsonObject {
  const args = parseValue(text);
  if (!isJsonObject(args)) throw publicError('ERR_INVALID_PARAMS', 'Arguments must be an object');
  return args;
}

function logLevel(exchange: HttpExchange): LogLevel {
  const level = exchange.query.get('logLevel') ?? DEFAULT_LOG_LEVEL;
  if (isLogLevel(level)) return level;
  throw publicError('ERR_INVALID_PARAMS', 'logLevel is not a log level');
}

/** The answer to one plain request; messages are complete frames already. */
class PlainReply implements ReplyChannel, KeptAlive, PeerWatcher {
  place: number | undefined = undefined;
  tally: Tally | undefined = undefined;
  status: number | undefined = undefined;
  readonly #exchange: HttpExchange;
  readonly #type: PlainType;
  readonly #context: HttpContext;
  /** Whose answer it is; it ends when the peer goes. */
  #call: Call | undefined;
  #outbox: Outbox | undefined;
  #burstWindowMs = 0;

  constructor(exchange: HttpExchange, type: PlainType, context: HttpContext) {
    this.#exchange = exchange;
    this.#type = type;
    this.#context = context;
  }

  /** To be called when the call did not end at once: it may take long, and its peer may go. */
  waitFor(call: Call): void {
    this.#call = call;
    this.#context.keepAlive.add(this);
    this.#exchange.onGone(this);
  }

  push(frame: string, policy: FramePolicy): Promise<void> | undefined {
    return this.#open().push(frame, policy, this);
  }

  awaitRoom(): Promise<void> | undefined {
    return this.#outbox?.awaitRoom(this);
  }

  flush(): void {
    this.#outbox?.flush();
  }

  batchFor(burstWindowMs: number): void {
    this.#burstWindowMs = burstWindowMs;
    this.#outbox?.batchFor(burstWindowMs);
  }

  end(frame: string | undefined, failure?: StromError | WireError): void {
    this.#context.keepAlive.delete(this);
    if (this.#outbox !== undefined) this.#outbox.end(frame ?? '');
    else if (frame === undefined) this.#exchange.abort();
    else {
      const refusal = refusalHeaders(this.#context.gatekeeper, failure);
      const headers = { ...streamHeaders(this.#contentType()), ...refusal };
      this.status = plainStatus(failure);
      this.#exchange.reply(this.status, headers, frame);
    }
  }

  endInPieces(frame: Pieces): void {
    this.#context.keepAlive.delete(this);
    endInPieces(this.#exchange, this.#open(), frame);
  }

  gone(): void {
    this.#context.keepAlive.delete(this);
    this.#outbox?.gone();
    this.#call?.cancel(peerGone());
  }

  /** Lines of text have no comment; an empty line does the same for every reader. */
  keepAlive(): void {
    this.#open().keepAlive(this.#type === 'text/event-stream' ? SSE_KEEP_ALIVE : '\n');
  }

  #open(): Outbox {
    if (this.#outbox === undefined) {
      const headers = streamHeaders(this.#contentType());
      const limits = this.#context.streamLimits;
      const encoder = plainEncoder(this.#type);
      const droppedNotice = (count: number): string => encoder.event(droppedLogs(count)) ?? '';
      this.#outbox = openOutbox(this.#exchange, { headers, limits, droppedNotice });
      this.#outbox.batchFor(this.#burstWindowMs);
      this.status = 200;
    }
    return this.#outbox;
  }

  #contentType(): string {
    return `${this.#type}; charset=utf-8`;
  }
}

function plainStatus(failure: StromError | WireError | undefined): number {
  if (failure === undefined) return 200;
  return 'traits' in failure ? failure.traits.http : 500;
}
