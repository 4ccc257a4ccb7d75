/**
 * Subscriptions of the stateless revision: one request that stays open. When the connection drops,
 * it is opened again; when the server ends it in good order, it is over.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 * @module
 */
import { isJsonObject, ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { resultOf } from './handshake.ts';
import type { Inbox } from './inbox.ts';
import { encodeRequest, type Link } from './link.ts';
import { onAbort } from './on-abort.ts';
import { orAborted, pause } from './pause.ts';
import {
  allChanges,
  fromWireFilter,
  type OnChange,
  type Subscription,
  type SubscriptionEnd,
  type SubscriptionFilter,
  toChange,
  toWireFilter,
} from './subscription.ts';

const MAX_FAILURES = 10;

export interface ListenRequest {
  readonly filter: SubscriptionFilter;
  readonly onChange: OnChange;
  /** How long the server may take to acknowledge. */
  readonly acknowledgeTimeoutMs: number;
}

/** Opens a subscription; settles once the server has acknowledged it. */
export async function listen(
  connection: Connection,
  request: ListenRequest,
): Promise<Subscription> {
  const listening = new Listening(connection, request);
  const ended = listening.run();
  const granted = await listening.acknowledged;
  const close = async (): Promise<void> => {
    listening.stop();
    await ended;
  };
  return { granted, ended, close, [Symbol.asyncDispose]: close };
}

class Listening {
  /** What the server agreed to; rejects when the first attempt fails. */
  readonly acknowledged: Promise<SubscriptionFilter>;
  readonly #connection: Connection;
  readonly #request: ListenRequest;
  readonly #stopped = new AbortController();
  #acknowledge: (filter: SubscriptionFilter) => void = () => undefined;
  #refuse: (error: unknown) => void = () => undefined;
  #isAcknowledged = false;
  #failures = 0;

  constructor(connection: Connection, request: ListenRequest) {
    this.#connection = connection;
    this.#request = request;
    this.acknowledged = new Promise((resolve, reject) => {
      this.#acknowledge = resolve;
      this.#refuse = reject;
    });
  }

  stop(): void {
    this.#stopped.abort(new StromError('ERR_CLOSED', 'the subscription was closed'));
  }

  async run(): Promise<SubscriptionEnd> {
    const signal = AbortSignal.any([this.#stopped.signal, this.#connection.ended]);
    try {
      await this.#keepOpen(signal);
      return { reason: 'server' };
    } catch (error) {
      this.#refuse(error);
      return signal.aborted ? { reason: 'closed' } : { reason: 'failed', error };
    }
  }

  async #keepOpen(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#listenOnce(signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!this.#isAcknowledged || error instanceof WireError) throw error;
        this.#failures += 1;
        if (this.#failures > MAX_FAILURES) throw error;
        this.#connection.logger.warn({ error }, 'a subscription was interrupted');
      }
      await pause(backoffMs(this.#failures), this.#connection.clock, signal);
    }
  }

  /** Listens until the server ends it in good order; rejects when the connection drops. */
  async #listenOnce(signal: AbortSignal): Promise<void> {
    const link = await orAborted(this.#connection.link(), signal);
    if (link.server.era !== 'stateless') {
      throw new StromError('ERR_PROTOCOL', 'the server has changed to an older revision');
    }
    const inbox = link.board.open(this.#connection.nextId());
    const loseInterest = onAbort(signal, () => inbox.abort(signal.reason));
    try {
      this.#send(link, inbox);
      await this.#readAll(inbox);
    } finally {
      loseInterest();
      link.exchange.cancel(inbox);
      link.board.close(inbox);
    }
  }

  #send(link: Link, inbox: Inbox): void {
    const params = { notifications: toWireFilter(this.#request.filter) };
    const draft = { id: inbox.id, method: 'subscriptions/listen', params, isStateless: true };
    link.exchange.send(encodeRequest(draft, this.#connection.identity), inbox);
  }

  async #readAll(inbox: Inbox): Promise<void> {
    const { acknowledgeTimeoutMs } = this.#request;
    const timer = this.#connection.clock.after(acknowledgeTimeoutMs, () => {
      inbox.abort(new StromError('ERR_IDLE_TIMEOUT', 'the server did not acknowledge'));
    });
    try {
      for (;;) {
        const message = await inbox.take();
        if (message.kind === 'response') return void resultOf(message);
        if (message.kind === 'request') continue;
        timer.cancel();
        // The server takes the subscription down with these words where it cannot close a stream.
        if (message.method === 'notifications/cancelled') return;
        const change = toChange(message);
        if (change !== undefined) this.#request.onChange(change);
        else if (message.method === 'notifications/subscriptions/acknowledged') {
          this.#opened(ownValue(message.params, 'notifications'));
        }
      }
    } finally {
      timer.cancel();
    }
  }

  #opened(notifications: unknown): void {
    const granted = fromWireFilter(isJsonObject(notifications) ? notifications : {});
    this.#failures = 0;
    if (this.#isAcknowledged) {
      for (const change of allChanges(granted)) this.#request.onChange(change);
    }
    this.#isAcknowledged = true;
    this.#acknowledge(granted);
  }
}
