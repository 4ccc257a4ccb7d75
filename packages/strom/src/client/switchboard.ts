/**
 * Sorts what arrives: to the request it belongs to, to the listeners, or into the void.
 *
 * A peer may send anything. A response nobody waits for, a second response and progress for a
 * foreign token are dropped with a warning and harm nobody.
 *
 * @module
 */
import { ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import { subscriptionIdOf } from '../protocol/client-envelope.ts';
import type { LongTexts } from '../protocol/long-texts.ts';
import type {
  InvalidMessage,
  RpcMessage,
  RpcNotification,
  RpcRequest,
  RpcResponse,
} from '../protocol/message.ts';
import { parseInput } from '../protocol/parse-message.ts';
import { Inbox } from './inbox.ts';

/** A request of the server. */
export interface RequestArrival {
  readonly request: RpcRequest;
  /** The requests of ours it may be part of. */
  readonly concerned: readonly Inbox[];
  /** Sends the answer. */
  readonly post: (text: string) => Promise<void>;
}

/** Who wants to know what arrives. None of these may throw. */
export interface ArrivalHooks {
  onMessage(message: RpcMessage): void;
  onNotification(notification: RpcNotification): void;
  onRequest(arrival: RequestArrival): void;
  onWarning(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** The connection is gone although nobody here has ended it. */
  onLost(): void;
}

/** All requests in flight on one connection. */
export class Switchboard {
  readonly #hooks: ArrivalHooks;
  readonly #inFlight = new Map<number, Inbox>();
  #changed: (() => void)[] = [];
  #post: RequestArrival['post'] | undefined;

  constructor(hooks: ArrivalHooks) {
    this.#hooks = hooks;
  }

  /** Lets the server ask, from now on. Without this its requests are dropped. */
  answerThrough(post: RequestArrival['post']): void {
    this.#post = post;
  }

  /** Starts to collect the messages of request `id`. */
  open(id: number): Inbox {
    const inbox = new Inbox(id, () => this.#announce());
    this.#inFlight.set(id, inbox);
    return inbox;
  }

  /** Forgets a request: what still arrives for it is dropped. */
  close(inbox: Inbox): void {
    this.#inFlight.delete(inbox.id);
    if (inbox.dropped > 0) {
      this.#hooks.onWarning('a slow reader lost notices', { dropped: inbox.dropped });
    }
    inbox.abort(new StromError('ERR_CLOSED', 'the request is over'));
  }

  /** Reports that the connection is gone. */
  announceLoss(): void {
    this.#hooks.onLost();
  }

  /** Ends every request in flight. */
  failAll(error: Error): void {
    for (const inbox of this.#inFlight.values()) inbox.fail(error);
  }

  /**
   * Takes a text from the stream of one request.
   *
   * @throws {StromError} `ERR_PROTOCOL` when it is no JSON-RPC at all
   */
  receiveFor(inbox: Inbox, text: string, longTexts?: LongTexts): void {
    let messages: readonly (RpcMessage | InvalidMessage)[];
    try {
      ({ messages } = parseInput(text, longTexts));
    } catch (cause) {
      throw new StromError('ERR_PROTOCOL', 'the server sent something that is no message', {
        cause,
      });
    }
    const chars = text.length + (longTexts?.chars ?? 0);
    for (const message of messages) this.#route(message, chars, inbox);
  }

  /** Takes a text from a channel that all requests share. What is no message is dropped. */
  receive(text: string, longTexts?: LongTexts): void {
    const chars = text.length + (longTexts?.chars ?? 0);
    try {
      for (const message of parseInput(text, longTexts).messages) this.#route(message, chars);
    } catch {
      // Not ours to answer: stdio servers print stray lines, and the channel is still good.
      this.#hooks.onWarning('the server sent something that is no message', { chars });
    }
  }

  /**
   * Settles when a shared channel may be read on: no inbox is full, or some request starves while
   * another does not read. In the second case the slow one loses its oldest notices.
   */
  async whenRoom(): Promise<void> {
    while (this.#some((inbox) => inbox.isFull) && !this.#some((inbox) => inbox.isStarving)) {
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
    this.shed();
  }

  /** Bounds what requests hold that nobody reads. */
  shed(): void {
    for (const inbox of this.#inFlight.values()) inbox.shed();
  }

  #some(test: (inbox: Inbox) => boolean): boolean {
    for (const inbox of this.#inFlight.values()) if (test(inbox)) return true;
    return false;
  }

  #announce(): void {
    const waiters = this.#changed;
    this.#changed = [];
    for (const resolve of waiters) resolve();
  }

  #route(message: RpcMessage | InvalidMessage, chars: number, stream?: Inbox): void {
    if (message.kind === 'invalid') {
      this.#hooks.onWarning('the server sent an invalid message', {
        reason: message.error.message,
      });
      return;
    }
    this.#hooks.onMessage(message);
    if (message.kind === 'response') this.#response(message, chars, stream);
    else if (message.kind === 'notification') this.#notification(message, chars, stream);
    else this.#request(message, chars, stream);
  }

  #response(message: RpcResponse, chars: number, stream?: Inbox): void {
    const target = this.#addressee(message, stream);
    if (target === undefined || target.isSettled) {
      this.#hooks.onWarning('a response that nobody waits for was dropped', { id: message.id });
      return;
    }
    target.push({ message, chars, isShared: stream === undefined });
  }

  #addressee(message: RpcResponse, stream?: Inbox): Inbox | undefined {
    // Without an id it is an error about a request the server could not read: that of the stream.
    if (message.id === undefined) return stream;
    if (stream !== undefined) return stream.id === message.id ? stream : undefined;
    return typeof message.id === 'number' ? this.#inFlight.get(message.id) : undefined;
  }

  #notification(message: RpcNotification, chars: number, stream?: Inbox): void {
    const entry = { message, chars, isShared: stream === undefined };
    for (const inbox of this.#concernedBy(message, stream)) inbox.push(entry);
    this.#hooks.onNotification(message);
  }

  #concernedBy(message: RpcNotification, stream?: Inbox): readonly Inbox[] {
    if (message.method === 'notifications/progress') return this.#progressOwner(message, stream);
    const subscription = subscriptionIdOf(message.params);
    if (subscription !== undefined) return this.#byId(subscription, stream);
    if (message.method === 'notifications/cancelled') {
      return this.#byId(ownValue(message.params, 'requestId'), stream);
    }
    if (stream !== undefined) return [stream];
    return message.method === 'notifications/message' ? [...this.#inFlight.values()] : [];
  }

  #progressOwner(message: RpcNotification, stream?: Inbox): readonly Inbox[] {
    const token = ownValue(message.params, 'progressToken');
    const owner = this.#byId(token, stream);
    if (owner.length === 0) {
      this.#hooks.onWarning('progress for a foreign token was dropped', {});
    }
    return owner;
  }

  #byId(id: unknown, stream?: Inbox): readonly Inbox[] {
    if (stream !== undefined) return stream.id === id ? [stream] : [];
    const inbox = typeof id === 'number' ? this.#inFlight.get(id) : undefined;
    return inbox === undefined ? [] : [inbox];
  }

  #request(message: RpcRequest, chars: number, stream?: Inbox): void {
    if (this.#post === undefined) {
      this.#hooks.onWarning('a request of the server was dropped', { method: message.method });
      return;
    }
    const concerned = stream === undefined ? [...this.#inFlight.values()] : [stream];
    for (const inbox of concerned) inbox.push({ message, chars, isShared: stream === undefined });
    this.#hooks.onRequest({ request: message, concerned, post: this.#post });
  }
}
