/**
 * HTTP+SSE of 2024-11-05: a GET stream for everything the server says, a second URL for everything
 * the client says. Both eras of messages travel on it; the connection is the session.
 *
 * @see https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse
 * @module
 */
import type { Timer } from '../../base/clock.ts';
import { NameCensus, OTHER } from '../../base/name-census.ts';
import type { Principal } from '../../base/principal.ts';
import { shuttingDown } from '../../base/shutting-down.ts';
import { publicError } from '../../base/strom-error.ts';
import { SharedStream } from '../../calls/shared-stream.ts';
import { decodeUtf8 } from '../../protocol/parse-message.ts';
import { encodeSse, encodeSseJson, SSE_KEEP_ALIVE } from '../../protocol/sse-encode.ts';
import { checkJsonBody } from '../../security/media-type.ts';
import { DuplexConnection } from '../../session/duplex-connection.ts';
import { checkPostedMirrors } from './check-mirrors.ts';
import type { HttpExchange } from './exchange.ts';
import { EMPTY_HEADERS } from './headers.ts';
import type { HttpContext } from './http-context.ts';
import type { KeptAlive } from './keep-alive.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { openSseInPieces } from './open-outbox.ts';
import { newSessionId } from './session-id.ts';
import { whenStreamEnds } from './when-stream-ends.ts';

export interface LegacyUse {
  /** As the client names itself, made fit for a line; `_OTHER` for all whose names have no place. */
  readonly clientName: string;
  readonly connections: number;
}

export interface LegacySseOptions {
  /** Where clients post their messages. */
  readonly messagesPath: string;
  readonly maxConnections: number;
  /** Starts the id of every connection. */
  readonly idPrefix: string;
}

interface OpenConnection {
  readonly connection: DuplexConnection;
  readonly ownerId: string;
  /** Whether the answers that wait are more than the bound. */
  readonly isOverfull: () => boolean;
  /** Ends the stream, and the connection with it. */
  readonly end: () => void;
}

/** The status of what is answered on the stream, if at all. */
const ACCEPTED = 202;

export class LegacySse {
  readonly #context: HttpContext;
  readonly #options: LegacySseOptions;
  readonly #connections = new Map<string, OpenConnection>();
  readonly #uses = new Map<string, number>();
  readonly #names: NameCensus;

  constructor(context: HttpContext, options: LegacySseOptions) {
    this.#context = context;
    this.#options = options;
    this.#names = new NameCensus({
      clock: context.clock,
      onLeft: (name) => {
        this.#add(OTHER, this.#uses.get(name) ?? 0);
        this.#uses.delete(name);
      },
    });
  }

  /** Who still connects this way, by the name the client gives itself. */
  uses(): readonly LegacyUse[] {
    return [...this.#uses].map(([clientName, connections]) => ({ clientName, connections }));
  }

  /** Serves `GET /sse`: opens the stream and says where to post. */
  open(exchange: HttpExchange): void {
    if (exchange.method !== 'GET') throw methodNotAllowed('GET');
    if (this.#context.dispatcher.isShuttingDown) throw shuttingDown();
    if (this.#connections.size >= this.#options.maxConnections) {
      throw publicError('ERR_SESSION_LIMIT', 'Too many sessions; the setting is maxSessions');
    }
    const { openStreams, clock, streamLimits } = this.#context;
    const { maxStreamMs } = streamLimits;
    const { principal } = exchange;
    const refusal = openStreams.take(principal);
    if (refusal !== undefined) throw refusal;
    const id = newSessionId(this.#options.idPrefix);
    const { outbox, longMessages } = openSseInPieces(exchange, streamLimits);
    const stream = new SharedStream(outbox, {
      frame: (message) => encodeSseJson(message),
      clock,
      longMessages,
      status: ACCEPTED,
    });
    const connection = new DuplexConnection({
      dispatcher: this.#context.dispatcher,
      principal,
      openChannel: () => stream.openChannel(),
      observe: this.#context.observe?.legacy,
    });
    const kept: KeptAlive = { place: undefined, keepAlive: () => outbox.keepAlive(SSE_KEEP_ALIVE) };
    let streamEnd: Timer | undefined;
    const leave = (): void => {
      if (!this.#connections.delete(id)) return;
      openStreams.release(principal);
      this.#context.keepAlive.delete(kept);
      streamEnd?.cancel();
      connection.close();
      stream.flush();
    };
    const end = (): void => {
      leave();
      outbox.end('');
    };
    const isOverfull = (): boolean => outbox.isOverfull || longMessages.isOverfull;
    this.#connections.set(id, { connection, isOverfull, ownerId: principal.id, end });
    this.#context.keepAlive.add(kept);
    exchange.onGone({
      gone() {
        outbox.gone();
        leave();
      },
    });
    const endpoint = `${this.#options.messagesPath}?sessionId=${id}`;
    void outbox.push(encodeSse({ event: 'endpoint', data: endpoint }), 'keep', kept);
    streamEnd = whenStreamEnds(principal, { clock, maxStreamMs }, end);
    if (!this.#connections.has(id)) streamEnd?.cancel();
    exchange.report?.(200);
  }

  /** Serves `POST /messages?sessionId=…`: takes a message; the answer comes on the stream. */
  async post(exchange: HttpExchange): Promise<void> {
    if (exchange.method !== 'POST') throw methodNotAllowed('POST');
    const open = this.#connections.get(exchange.query.get('sessionId') ?? '');
    if (open?.ownerId !== exchange.principal.id)
      throw publicError('ERR_SESSION_UNKNOWN', 'Session not found');
    if (open.isOverfull()) {
      throw publicError('ERR_STREAM_LIMIT', 'Read the answers on the stream before asking more');
    }
    const wrongBody = checkJsonBody(exchange);
    if (wrongBody !== undefined) throw wrongBody;
    const text = decodeUtf8(await exchange.readBody(this.#context.maxBodyBytes));
    const { rawHeaders } = exchange;
    const { tools } = this.#context;
    checkPostedMirrors(text, (name) => exchange.header(name), { rawHeaders, tools });
    const { connection } = open;
    const before = connection.session;
    exchange.reply(ACCEPTED, EMPTY_HEADERS, 'Accepted');
    const isAnswered = connection.receive(text, exchange.principal);
    const { session } = connection;
    if (!isAnswered) exchange.report?.(ACCEPTED, session?.stated);
    if (session !== undefined && session !== before)
      this.#count(exchange.principal, session.client.name);
  }

  closeAll(): void {
    for (const { end } of [...this.#connections.values()]) end();
  }

  #count(principal: Principal, text = '(unnamed)'): void {
    const client = this.#names.of(text, principal);
    const isNew = !this.#uses.has(client);
    this.#add(client, 1);
    if (isNew) this.#context.logger.warn({ client }, 'a client still uses HTTP+SSE');
  }

  #add(client: string, connections: number): void {
    this.#uses.set(client, (this.#uses.get(client) ?? 0) + connections);
  }
}
