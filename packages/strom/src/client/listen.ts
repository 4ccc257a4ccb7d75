/**
 * Subscriptions of the stateless revision: one request that stays open. When the connection drops,
 * it is opened again; when the server ends it in good order, it is over.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { WireError } from '../base/wire-error.ts';
import type { Change } from '../protocol/call-event.ts';
import type { RpcNotification } from '../protocol/message.ts';
import { backoffMs } from './backoff.ts';
import type { Connection } from './connection.ts';
import { readListenStream } from './listen-stream.ts';
import { pause } from './pause.ts';
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

  #listenOnce(signal: AbortSignal): Promise<void> {
    const { filter, acknowledgeTimeoutMs } = this.#request;
    const stream = {
      notifications: toWireFilter(filter),
      acknowledgeTimeoutMs,
      onAcknowledged: (granted: JsonObject) => this.#opened(fromWireFilter(granted)),
      onNotification: (notification: RpcNotification) => {
        const change = toChange(notification);
        if (change !== undefined) this.#tell(change);
      },
    };
    return readListenStream(this.#connection, stream, signal);
  }

  #opened(granted: SubscriptionFilter): void {
    this.#failures = 0;
    if (this.#isAcknowledged) {
      for (const change of allChanges(granted)) this.#tell(change);
    }
    this.#isAcknowledged = true;
    this.#acknowledge(granted);
  }

  /** The mistakes of the program must not look like a stream that broke. */
  #tell(change: Change): void {
    try {
      this.#request.onChange(change);
    } catch (error) {
      this.#connection.logger.error({ error }, 'a callback threw');
    }
  }
}
