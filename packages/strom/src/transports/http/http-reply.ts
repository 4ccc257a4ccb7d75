import type { StromError } from '../../base/strom-error.ts';
import type { WireError } from '../../base/wire-error.ts';
import { type FramePolicy, Outbox } from '../../calls/outbox.ts';
import type { ReplyChannel } from '../../calls/reply-channel.ts';
import { encodeLog } from '../../protocol/encode-event.ts';
import { encodeSseJson, SSE_KEEP_ALIVE } from '../../protocol/sse-encode.ts';
import type { HttpExchange } from './exchange.ts';
import { JSON_HEADERS, SSE_HEADERS } from './headers.ts';
import type { KeepAlive, KeptAlive } from './keep-alive.ts';
import { replyStatus } from './reply-status.ts';

/** The forms of answer a client accepts. */
export interface AcceptedForms {
  readonly json: boolean;
  readonly sse: boolean;
}

/**
 * The answer to one stateless POST: JSON when the call said nothing before its result, an event
 * stream from the first notification on. It ends with the connection.
 */
export class HttpReply implements ReplyChannel, KeptAlive {
  readonly #exchange: HttpExchange;
  readonly #forms: AcceptedForms;
  readonly #keepAlive: KeepAlive;
  #outbox: Outbox | undefined;

  constructor(exchange: HttpExchange, forms: AcceptedForms, keepAlive: KeepAlive) {
    this.#exchange = exchange;
    this.#forms = forms;
    this.#keepAlive = keepAlive;
    keepAlive.add(this);
  }

  push(message: string, policy: FramePolicy): Promise<void> | undefined {
    if (!this.#forms.sse) return undefined;
    this.#outbox ??= this.#open();
    return this.#outbox.push(encodeSseJson(message), policy, this);
  }

  end(message: string | undefined, failure?: StromError | WireError): void {
    this.#keepAlive.delete(this);
    if (this.#outbox !== undefined) {
      this.#outbox.end(message === undefined ? '' : encodeSseJson(message));
    } else if (message === undefined) this.#exchange.abort();
    else if (this.#forms.json) this.#exchange.reply(replyStatus(failure), JSON_HEADERS, message);
    else this.#open().end(encodeSseJson(message));
  }

  /** To be called when the peer has gone: whoever waits for it is released. */
  gone(): void {
    this.#keepAlive.delete(this);
    this.#outbox?.gone();
  }

  keepAlive(): void {
    if (!this.#forms.sse) return;
    this.#outbox ??= this.#open();
    this.#outbox.keepAlive(SSE_KEEP_ALIVE);
  }

  #open(): Outbox {
    return openSseOutbox(this.#exchange);
  }
}

/** Starts an event stream as the answer of an exchange. */
export function openSseOutbox(exchange: HttpExchange): Outbox {
  const target = exchange.open(SSE_HEADERS, () => outbox.drained());
  const outbox = new Outbox(target, { droppedNotice });
  return outbox;
}

function droppedNotice(count: number): string {
  const data = `${count} log lines were dropped because the reader was slow`;
  return encodeSseJson(encodeLog({ kind: 'log', level: 'warning', data, logger: 'strom' }));
}
