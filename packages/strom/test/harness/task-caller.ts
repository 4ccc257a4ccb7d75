import { META_PREFIX, modernBody, modernCall, modernHeaders } from './mcp-request.ts';
import { jsonOf, type RawRequest } from './raw-http.ts';
import { SseReader } from './sse-reader.ts';
import type { Started } from './start-strom.ts';

type Fields = Record<string, unknown>;
type Reachable = Pick<Started, 'url' | 'send'>;

/** What a client says in `_meta` that takes tasks and can show forms. */
export const TAKES_TASKS: Fields = {
  [`${META_PREFIX}clientCapabilities`]: {
    elicitation: {},
    extensions: { [`${META_PREFIX}tasks`]: {} },
  },
};

/** A client of the tasks extension, written down request by request. */
export class TaskCaller {
  readonly #server: Reachable;
  readonly #headers: readonly [string, string][];
  readonly #meta: Fields;

  /** @param key - an API key, where the server wants one */
  constructor(
    server: Reachable,
    { key, meta = TAKES_TASKS }: { key?: string; meta?: Fields } = {},
  ) {
    this.#server = server;
    this.#headers = key === undefined ? [] : [['Authorization', `Bearer ${key}`]];
    this.#meta = meta;
  }

  /** The whole answer to a call of a tool. */
  async call(tool: string, args: Fields = {}, meta: Fields = {}): Promise<Fields> {
    return this.#send(modernCall(tool, args, { ...this.#meta, ...meta }));
  }

  /** The id of the task a call has become. */
  async start(tool: string, args: Fields = {}, meta: Fields = {}): Promise<string> {
    const { result } = await this.call(tool, args, meta);
    return String((result as Fields)['taskId']);
  }

  /** The whole answer to a request about a task. */
  ask(method: 'get' | 'update' | 'cancel', taskId: unknown, params: Fields = {}): Promise<Fields> {
    return this.#send({
      headers: modernHeaders(`tasks/${method}`, String(taskId)),
      body: modernBody(`tasks/${method}`, { ...params, taskId, _meta: this.#meta }),
    });
  }

  async get(taskId: string): Promise<Fields> {
    return (await this.ask('get', taskId))['result'] as Fields;
  }

  answer(taskId: string, inputResponses: Fields): Promise<Fields> {
    return this.ask('update', taskId, { inputResponses });
  }

  /** Asks until the task has one of these statuses. */
  async until(taskId: string, ...statuses: string[]): Promise<Fields> {
    for (;;) {
      const task = await this.get(taskId);
      if (statuses.includes(String(task['status']))) return task;
    }
  }

  /** Opens a subscription to these tasks. */
  async listen(taskIds: readonly string[]): Promise<SseReader> {
    const params = { notifications: { taskIds }, _meta: this.#meta };
    return this.open(modernHeaders('subscriptions/listen'), {
      method: 'subscriptions/listen',
      params,
    });
  }

  /** Calls a tool and reads its stream. */
  stream(tool: string, args: Fields = {}, meta: Fields = {}): Promise<SseReader> {
    const params = {
      name: tool,
      arguments: args,
      _meta: { ...this.#meta, progressToken: 1, ...meta },
    };
    return this.open(modernHeaders('tools/call', tool), { method: 'tools/call', params });
  }

  /** Calls a tool once more with what an earlier round gave, and reads its stream. */
  openRound(tool: string, round: Fields): Promise<SseReader> {
    const params = { name: tool, arguments: {}, ...round };
    return this.open(modernHeaders('tools/call', tool), {
      method: 'tools/call',
      params: { ...params, _meta: { ...this.#meta, progressToken: 1 } },
    });
  }

  async open(
    headers: readonly [string, string][],
    { method, params }: { method: string; params: Fields },
  ): Promise<SseReader> {
    const response = await fetch(this.#server.url, {
      method: 'POST',
      headers: [...headers, ...this.#headers],
      body: modernBody(method, params),
    });
    return new SseReader(response);
  }

  async #send(request: RawRequest): Promise<Fields> {
    const headers = [...(request.headers ?? []), ...this.#headers];
    return jsonOf(await this.#server.send({ ...request, headers }));
  }
}
