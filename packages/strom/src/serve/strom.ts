import { HeapWatch } from '../base/heap-watch.ts';
import type { LocalConnection, LocalTarget } from '../protocol/local-target.ts';
import { Server } from '../server/server.ts';
import { SERVER_DEFAULTS, type ServerOptions } from '../server/server-options.ts';
import { FetchExchange } from '../transports/http/fetch-exchange.ts';
import { HttpHost, type HttpOptions, type HttpSubject } from '../transports/http/http-host.ts';
import { DEFAULT_STALL_TIMEOUT_MS } from '../transports/http/open-outbox.ts';
import { connectLocal } from '../transports/memory/local-connection.ts';
import { hostHeap } from './host-heap.ts';
import { type NodeListener, nodeListener } from './node-listener.ts';
import { observerOf } from './observer-of.ts';
import type { Running, RunOptions } from './run-options.ts';
import { UntakenElsewhere } from './untaken-answers.ts';

/**
 * A server and its doors: register tools, resources and prompts, then open one or more of
 * {@link Strom.run}, {@link Strom.listener} and {@link Strom.fetch}.
 *
 * @example
 * ```ts
 * const strom = new Strom({ name: 'documents', version: '1.0.0' });
 * strom.tool('greet', { description: 'Greets', input: z.object({ name: z.string() }) },
 *   ({ name }) => `Hello, ${name}!`);
 * await strom.run({ transport: 'streamable-http', port: 3000 });
 * ```
 */
export class Strom extends Server implements LocalTarget {
  #fetchHost: HttpHost | undefined;

  /** @throws {TypeError} for an option that cannot hold */
  constructor(options: ServerOptions) {
    super(options);
    const { maxHeapUse = SERVER_DEFAULTS.maxHeapUse } = options;
    if (!(maxHeapUse > 0 && maxHeapUse <= 1)) throw new TypeError('maxHeapUse: above 0, at most 1');
    const heap = maxHeapUse === 1 ? undefined : hostHeap();
    if (heap === undefined) return;
    this.shedLoad(new HeapWatch({ heap, clock: this.clock, maxUse: maxHeapUse }));
  }

  /**
   * Opens a door and keeps it open until the process is told to leave (SIGINT, SIGTERM), its
   * standard input ends (stdio), or `close()` is called.
   *
   * @returns once the server can be reached
   * @throws {TypeError} for an unknown transport or a setting that cannot hold
   */
  async run(options: RunOptions = {}): Promise<Running> {
    // Loaded on demand: the rest of this class also runs where there is no `node:http`.
    const { run } = await import('./run.ts');
    return run(this, options);
  }

  /**
   * A Node request handler to be mounted in an existing server: `http.createServer(listener)`,
   * `app.use(listener)` in Express, `reply.hijack()` and `listener(request.raw, reply.raw)` in an
   * `onRequest` hook of Fastify, before it reads the body. Paths that are not Strom's go to `next`
   * where the framework gives one. How long requests may take to arrive is up to that server; a reader
   * that takes nothing of an answer is cut off after `stallTimeoutMs`.
   */
  listener(options: HttpOptions = {}): NodeListener {
    const watch = async () => (await import('./process-watch.ts')).processWatch();
    const host = new HttpHost({ ...this.#subject(options), watch }, options);
    const { stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS } = options;
    const untaken = new UntakenElsewhere({ stallTimeoutMs, clock: this.clock });
    return nodeListener(host, this.logger, { carriedBy: untaken.add });
  }

  /**
   * Serves one web-standard request: for Hono, Bun, Deno and workers. Options count on the first
   * call.
   */
  fetch(request: Request, options: HttpOptions = {}): Promise<Response> {
    this.#fetchHost ??= new HttpHost(this.#subject(options), options);
    return FetchExchange.serve(this.#fetchHost, request);
  }

  /** Connects a client in the same process; used by `connect(strom)`. */
  connectLocal(receive: (text: string) => void): LocalConnection {
    this.resumeTasks();
    return connectLocal(this, receive);
  }

  #subject(options: HttpOptions): HttpSubject {
    const { clock, logger, store } = this;
    const observer = observerOf(this, options);
    this.resumeTasks();
    const taskCounts = () => this.taskCounts();
    return { dispatcher: this, tools: this, clock, logger, observer, store, taskCounts };
  }
}
