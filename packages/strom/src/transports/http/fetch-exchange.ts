/**
 * Exchanges over web-standard `Request` and `Response`, for hosts that have no `node:http`.
 *
 * @module
 */
import { BytePieces } from '../../base/byte-pieces.ts';
import { ANONYMOUS, type Principal } from '../../base/principal.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Drainable, OutboxTarget } from '../../calls/outbox.ts';
import type { Forwarded } from '../../security/request-facts.ts';
import type { HttpExchange, PeerWatcher, ReplyHeaders, Report } from './exchange.ts';
import type { HttpHost } from './http-host.ts';
import { bodyTooLarge } from './incoming-body.ts';

const QUEUE_BYTES = 64 * 1024;
const ENCODER = new TextEncoder();

type Controller = ReadableStreamDefaultController<Uint8Array>;

export class FetchExchange implements HttpExchange {
  forwarded: Forwarded | undefined = undefined;
  principal: Principal = ANONYMOUS;
  commonHeaders: ReplyHeaders = {};
  report: Report | undefined = undefined;
  readonly #request: Request;
  readonly #url: URL;
  readonly #respond: (response: Response) => void;
  readonly #watchers: PeerWatcher[] = [];
  #controller: Controller | undefined;
  /** Told when the host has taken what was written. */
  #source: Drainable | undefined;
  #responded = false;
  #finished = false;
  #isGone = false;

  private constructor(request: Request, respond: (response: Response) => void) {
    this.#request = request;
    this.#url = new URL(request.url);
    this.#respond = respond;
    request.signal.addEventListener('abort', () => this.#gone(), { once: true });
  }

  /** Serves one request; resolves with the response as soon as its head is known. */
  static serve(host: HttpHost, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      host.serve(new FetchExchange(request, resolve)).catch(reject);
    });
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.#url.pathname + this.#url.search;
  }

  get path(): string {
    return this.#url.pathname;
  }

  get query(): URLSearchParams {
    return this.#url.searchParams;
  }

  get rawHeaders(): readonly string[] {
    return [...this.#request.headers].flat();
  }

  /** The host owns the socket; neither its port nor the address of its peer is told. */
  get localPort(): undefined {
    return undefined;
  }

  get peerAddress(): undefined {
    return undefined;
  }

  get isEncrypted(): boolean {
    return this.#url.protocol === 'https:';
  }

  header(name: string): string | undefined {
    // The URL takes the place of HTTP/2's pseudo-headers, which `Headers` refuses to look up.
    if (name.startsWith(':')) return undefined;
    const value = this.#request.headers.get(name);
    if (value !== null) return value;
    // Hosts that keep the Host header to themselves tell it as the authority of the URL.
    return name === 'host' ? this.#url.host : undefined;
  }

  async readBody(maxBytes: number): Promise<Uint8Array> {
    if (Number(this.header('content-length') ?? 0) > maxBytes) throw bodyTooLarge(maxBytes);
    // One that somebody has read before is a mistake of the program, and none of the peer.
    const isTaken = this.#request.bodyUsed;
    try {
      return await this.#readWhole(maxBytes);
    } catch (cause) {
      if (isTaken || cause instanceof StromError) throw cause;
      throw new StromError('ERR_PEER_GONE', 'the body broke off', { cause });
    }
  }

  async #readWhole(maxBytes: number): Promise<Uint8Array> {
    const pieces = new BytePieces();
    let bytes = 0;
    for await (const chunk of this.#request.body ?? []) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw bodyTooLarge(maxBytes);
      pieces.add(chunk);
    }
    return pieces.take();
  }

  reply(status: number, headers: ReplyHeaders, body = ''): void {
    if (this.#responded) return;
    this.#responded = true;
    this.#finished = true;
    this.#respond(
      new Response(body === '' ? null : body, {
        status,
        headers: { ...this.commonHeaders, ...headers },
      }),
    );
  }

  open(headers: ReplyHeaders): OutboxTarget {
    return {
      write: (text, source) => {
        this.#source = source;
        return this.#enqueue(this.#controllerOf(headers), text);
      },
      end: (text, more) => {
        if (more !== undefined) {
          this.#endInPieces(this.#controllerOf(headers), text, more[Symbol.iterator]());
          return;
        }
        const controller = this.#controller;
        if (controller === undefined) {
          this.reply(200, headers, text);
          return;
        }
        this.#finished = true;
        if (text !== '') this.#enqueue(controller, text);
        controller.close();
      },
    };
  }

  #enqueue(controller: Controller, text: string): boolean {
    controller.enqueue(ENCODER.encode(text));
    return (controller.desiredSize ?? 0) > 0;
  }

  /** Makes the next piece when the host has taken the last. */
  #endInPieces(controller: Controller, text: string, more: Iterator<string>): void {
    this.#source = { drained: () => this.#endInPieces(controller, '', more) };
    if (text !== '' && !this.#enqueue(controller, text)) return;
    for (let next = more.next(); next.done !== true; next = more.next()) {
      if (!this.#enqueue(controller, next.value)) return;
    }
    this.#finished = true;
    this.#source = undefined;
    controller.close();
  }

  onGone(watcher: PeerWatcher): void {
    if (this.#isGone) watcher.gone();
    else this.#watchers.push(watcher);
  }

  abort(): void {
    this.reply(499, {});
  }

  #controllerOf(headers: ReplyHeaders): Controller {
    this.#controller ??= this.#stream(headers);
    return this.#controller;
  }

  #stream(headers: ReplyHeaders): Controller {
    let controller: Controller | undefined;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (made) => {
          controller = made;
        },
        pull: () => this.#source?.drained(),
        cancel: () => this.#gone(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
    );
    this.#responded = true;
    this.#respond(new Response(body, { headers: { ...this.commonHeaders, ...headers } }));
    if (controller === undefined) throw new TypeError('a stream has no controller');
    return controller;
  }

  #gone(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#isGone = true;
    // A host that tells only the request must not be left with an answer that never ends.
    this.#controller?.error(new StromError('ERR_PEER_GONE', 'the peer has gone'));
    for (const watcher of this.#watchers) watcher.gone();
  }
}
