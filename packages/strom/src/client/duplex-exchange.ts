/**
 * Requests over one shared channel: stdio, in-process, HTTP+SSE. Messages are told apart by request
 * id and progress token.
 *
 * @module
 */
import { StromError } from '../base/strom-error.ts';
import type { Channel, ChannelEvents, OpenChannel } from './channel.ts';
import { cancelText, type Exchange, type Outgoing, type TransportName } from './exchange.ts';
import type { Inbox } from './inbox.ts';
import type { Switchboard } from './switchboard.ts';

export interface DuplexContext {
  readonly board: Switchboard;
  readonly onWarning: ChannelEvents['onWarning'];
}

export class DuplexExchange implements Exchange {
  readonly #channel: Channel;
  readonly #board: Switchboard;
  #isOpen = true;
  #handshakeId: number | undefined;

  private constructor(channel: Channel, board: Switchboard) {
    this.#channel = channel;
    this.#board = board;
  }

  /** Opens the channel and waits until it can carry messages. */
  static async open(
    openChannel: OpenChannel,
    context: DuplexContext,
    signal: AbortSignal,
  ): Promise<DuplexExchange> {
    const { board, onWarning } = context;
    let exchange: DuplexExchange | undefined;
    let endedEarly: StromError | undefined;
    const channel = await openChannel(
      {
        onText(text, longTexts) {
          board.receive(text, longTexts);
          board.shed();
        },
        whenRoom: () => board.whenRoom(),
        onOverlong() {
          board.failAll(new StromError('ERR_FRAME_TOO_LARGE', 'a message exceeds the bound'));
        },
        onClosed(reason) {
          endedEarly = reason;
          if (exchange !== undefined) exchange.#lose(reason);
        },
        onWarning,
      },
      signal,
    );
    exchange = new DuplexExchange(channel, board);
    if (endedEarly !== undefined) exchange.#lose(endedEarly);
    return exchange;
  }

  get transport(): TransportName {
    return this.#channel.transport;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(request: Outgoing, inbox: Inbox): void {
    if (!this.#isOpen) {
      inbox.fail(new StromError('ERR_PEER_GONE', 'the server is gone'));
      return;
    }
    if (request.method === 'initialize') this.#handshakeId = request.id;
    this.#channel.send(request.text).catch((error: Error) => inbox.fail(error));
  }

  cancel(inbox: Inbox): void {
    if (!this.#isOpen || inbox.id === this.#handshakeId) return;
    // A server that cannot be told any more has nothing left to stop.
    void this.#channel.send(cancelText(inbox.id)).catch(() => undefined);
  }

  post(text: string): Promise<void> {
    return this.#channel.send(text);
  }

  settle(revisionDate: string): void {
    this.#channel.settle(revisionDate);
  }

  listen(): void {
    // The channel is open in both directions from the start.
  }

  whenListening(): Promise<void> {
    return Promise.resolve();
  }

  release(): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#board.failAll(new StromError('ERR_CLOSED', 'the client was closed'));
    await this.#channel.close();
  }

  #lose(reason: StromError): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#board.failAll(reason);
    this.#board.announceLoss();
  }
}
