/**
 * The client of one server. Everything here reads the same whatever transport and revision carry it.
 *
 * @module
 */
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import { StromError } from '../base/strom-error.ts';
import type {
  CallToolResult,
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  Tool,
} from '../protocol/spec/2026-07-28.ts';
import type { CallOptions, RequestOptions, StreamOptions, TaskOptions } from './client-options.ts';
import type { Connection } from './connection.ts';
import type { ServerFacts } from './link.ts';
import type { ListMethod } from './list-cache.ts';
import { fetchAllPages } from './list-pages.ts';
import { listen } from './listen.ts';
import { RemoteTask, readSavedTask } from './remote-task.ts';
import type { CallRun } from './run-call.ts';
import { subscribeSession } from './session-subscription.ts';
import type { StreamEvent, ToolNotice } from './stream-event.ts';
import type { OnChange, Subscription, SubscriptionFilter } from './subscription.ts';
import type { SavedTask, TaskHandle, TaskHandleOptions } from './task-handle.ts';
import { runTool, sendCall, type ToolCall, type ToolRun, toHandle } from './tool-call.ts';
import { toToolResult, withArray } from './tool-result.ts';

/** Arguments of a tool, by name. */
export type ToolArguments = Readonly<Record<string, unknown>>;

export interface ListOptions extends RequestOptions {
  /** Asks the server even if a fresh list is at hand. Default false. */
  refresh?: boolean;
}

/** Where the items of each list are, and what names them. */
const LISTS = {
  'tools/list': { itemsKey: 'tools', nameKey: 'name' },
  'prompts/list': { itemsKey: 'prompts', nameKey: 'name' },
  'resources/list': { itemsKey: 'resources', nameKey: 'uri' },
  'resources/templates/list': { itemsKey: 'resourceTemplates', nameKey: 'uriTemplate' },
} as const satisfies Record<ListMethod, { itemsKey: string; nameKey: string }>;

/** Made by `connect`. Close it when done: `await using client = await connect(…)` does that. */
export class Client implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #listens: boolean;

  /** @internal */
  constructor(connection: Connection, hasLogListener: boolean) {
    this.#connection = connection;
    this.#listens = hasLogListener;
    connection.refreshTools = async () => {
      await this.listTools({ refresh: true });
    };
  }

  /** What is known of the server; after a reconnection, of the one that answers now. */
  get server(): ServerFacts {
    return this.#connection.server;
  }

  /**
   * Calls a tool and waits for its result.
   *
   * A tool that fails gives a result with `isError: true`; an exception means that there is no
   * result at all.
   *
   * @throws {WireError} what the server answered instead of a result
   * @throws {StromError} `ERR_IDLE_TIMEOUT`, `ERR_TOTAL_TIMEOUT`, `ERR_CANCELLED`, `ERR_PEER_GONE`,
   * `ERR_NO_HANDLER`, …
   * @example
   * const result = await client.call('process_files', { folder }, {
   *   onProgress: ({ progress, total }) => bar.update(progress, total),
   * });
   */
  async call(
    name: string,
    args: ToolArguments = {},
    options: CallOptions = {},
  ): Promise<CallToolResult> {
    const listens = this.#listens || options.onLog !== undefined;
    const call = this.#call(name, args, { ...options, listens });
    return toToolResult(await attend(runTool(this.#connection, call, options), options));
  }

  /**
   * Calls a tool and gives every event of the call as it comes; the result is the last one.
   *
   * Nothing is sent before the first event is asked for. Where the call has a stream of its own, a
   * reader that takes its time slows the server's stream down instead of filling memory. Leaving
   * the loop early cancels the call.
   *
   * @throws the same errors as {@link Client.call}, from the iteration
   * @example
   * for await (const event of client.stream('process_files', { folder })) {
   *   if (event.kind === 'progress') bar.update(event.progress, event.total);
   *   if (event.kind === 'result') show(event.result);
   * }
   */
  async *stream(
    name: string,
    args: ToolArguments = {},
    options: StreamOptions = {},
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const call = this.#call(name, args, { ...options, listens: true });
    const result = yield* runTool(this.#connection, call, options);
    yield { kind: 'result', result: toToolResult(result) };
  }

  /**
   * Calls a tool and hands out the task it becomes, as soon as the server has made one. Where the
   * server answers with the result itself, because the tool was fast or knows no tasks, the handle
   * is there when the result is; its `id` is `undefined` then.
   *
   * @throws the same errors as {@link Client.call}
   * @example
   * const task = await client.task('process_files', { folder });
   * await save(JSON.stringify(task));
   * const result = await task.wait();
   */
  async task(
    name: string,
    args: ToolArguments = {},
    options: TaskOptions = {},
  ): Promise<TaskHandle> {
    const listens = this.#listens || options.onLog !== undefined;
    const call = this.#call(name, args, { ...options, listens });
    const result = await attend(sendCall(this.#connection, call, options), options);
    return toHandle(this.#connection, { tool: name, result }, options);
  }

  /**
   * Takes up a task that this or another client was given before, from its id or from what
   * `JSON.stringify(task)` wrote. Asks nothing of the server: an id it does not know shows as
   * `ERR_UNKNOWN_TASK` in whatever is done first.
   *
   * @throws {TypeError} for something that is no saved task
   */
  resumeTask(saved: SavedTask | string, options: TaskHandleOptions = {}): TaskHandle {
    const task = readSavedTask(saved);
    const init = { saved: task, tool: task.tool, latest: undefined, options };
    return new RemoteTask(this.#connection, init);
  }

  /** All tools of the server. Definitions that break the rules are left out with a warning. */
  async listTools(options: ListOptions = {}): Promise<Tool[]> {
    const { server, exchange } = await this.#connection.link();
    return this.#list<Tool>('tools/list', options, (tools) => {
      const mirrorsArguments =
        server.era === 'stateless' && exchange.transport === 'streamable-http';
      if (!mirrorsArguments) return tools;
      return this.#connection.tools.adopt(tools, (tool, reason) => {
        this.#connection.logger.warn(
          { tool, reason },
          'a tool with an invalid definition is left out',
        );
      });
    });
  }

  listResources(options: ListOptions = {}): Promise<Resource[]> {
    return this.#list<Resource>('resources/list', options);
  }

  listResourceTemplates(options: ListOptions = {}): Promise<ResourceTemplate[]> {
    return this.#list<ResourceTemplate>('resources/templates/list', options);
  }

  listPrompts(options: ListOptions = {}): Promise<Prompt[]> {
    return this.#list<Prompt>('prompts/list', options);
  }

  async readResource(uri: string, options: RequestOptions = {}): Promise<ReadResourceResult> {
    const request = { method: 'resources/read', params: { uri } };
    const result = await this.#connection.request(request, options);
    return withArray<ReadResourceResult>(result, 'contents');
  }

  async getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: RequestOptions = {},
  ): Promise<GetPromptResult> {
    const request = { method: 'prompts/get', params: { name, arguments: args } };
    const result = await this.#connection.request(request, options);
    return withArray<GetPromptResult>(result, 'messages');
  }

  /** Suggestions for an argument of a prompt or of a resource template. */
  async complete(
    params: Pick<CompleteRequestParams, 'ref' | 'argument' | 'context'>,
    options: RequestOptions = {},
  ): Promise<CompleteResult['completion']> {
    const request = { method: 'completion/complete', params: { ...params } };
    const completion = ownValue(await this.#connection.request(request, options), 'completion');
    if (!isJsonObject(completion)) throw new StromError('ERR_PROTOCOL', 'a malformed completion');
    return withArray<CompleteResult['completion']>(
      completion,
      'values',
      (value) => typeof value === 'string',
    );
  }

  /**
   * Sets the least severe log messages to receive: of the whole session where there is one, of
   * every later call otherwise.
   */
  async setLogLevel(level: LogLevel): Promise<void> {
    this.#connection.logLevel = level;
    await this.#connection.applyLogLevel(await this.#connection.link());
  }

  /** Asks for a sign of life: `ping`, or `server/discover` where the revision has no ping. */
  async ping(options: RequestOptions = {}): Promise<void> {
    const { server } = await this.#connection.link();
    const method = server.era === 'stateless' ? 'server/discover' : 'ping';
    await this.#connection.request({ method, params: {} }, options);
  }

  /**
   * Has `onChange` called whenever something of the filter changes, until the subscription is
   * closed. It survives lost connections.
   *
   * @throws {WireError} when the server refuses
   */
  async subscribe(filter: SubscriptionFilter, onChange: OnChange): Promise<Subscription> {
    const { server } = await this.#connection.link();
    if (server.era !== 'stateless') return subscribeSession(this.#connection, filter, onChange);
    const { acknowledgeTimeoutMs } = this.#connection;
    return listen(this.#connection, { filter, onChange, acknowledgeTimeoutMs });
  }

  /** Ends the connection; calls still running fail with `ERR_CLOSED`. Harmless when repeated. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(name: string, args: ToolArguments, { logLevel, listens }: Listening): ToolCall {
    const silence = listens ? 'info' : undefined;
    return { name, args, logLevel: logLevel ?? this.#connection.logLevel ?? silence };
  }

  async #list<Item>(
    method: ListMethod,
    options: ListOptions,
    check: (items: Item[]) => Item[] = (items) => items,
  ): Promise<Item[]> {
    const { lists, clock } = this.#connection;
    const known = options.refresh === true ? undefined : lists.fresh(method, clock.now());
    if (known !== undefined) return [...known] as Item[];
    const changes = lists.changes(method);
    const { items, freshUntilMs } = await fetchAllPages({
      ...LISTS[method],
      fetchPage: (params) => this.#connection.request({ method, params }, options),
      now: () => clock.now(),
      maxChars: this.#connection.maxMessageChars,
    });
    const valid = check(items as unknown as Item[]);
    lists.store(method, { items: valid, freshUntilMs }, changes);
    return [...valid];
  }
}

interface Listening {
  readonly logLevel?: LogLevel;
  /** Whether somebody wants to hear log messages. */
  readonly listens: boolean;
}

/** Runs a call to its end and reports on the way. */
async function attend(run: CallRun | ToolRun, options: CallOptions): Promise<JsonObject> {
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) return step.value;
      report(step.value, options);
    }
  } finally {
    // A callback that throws ends the call here; this cancels it on the server.
    await run.return({});
  }
}

function report(notice: ToolNotice, options: CallOptions): void {
  if (notice.kind === 'progress') options.onProgress?.(notice);
  else if (notice.kind === 'log') options.onLog?.(notice);
  else if (notice.kind === 'question') options.onQuestion?.(notice);
  else options.onTask?.(notice.task);
}
