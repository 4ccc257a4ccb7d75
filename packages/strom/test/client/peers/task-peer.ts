/** A server that says of its one task what the test tells it to, well or badly. */
import type { ServerResponse } from 'node:http';
import {
  answer,
  event,
  openStream,
  type RawRequest,
  type RawServer,
  refuse,
  serveRaw,
  statelessPeer,
} from './raw-http.ts';
import { STATELESS } from './revisions.ts';

export const TASK_ID = 'task-0123456789abcdef';

const CREATED_MS = Date.UTC(2030, 0, 1);

/** A task as the protocol writes it; `fields` replace and add. */
export function task(fields: object = {}, updatedMs = CREATED_MS): object {
  return {
    taskId: TASK_ID,
    status: 'working',
    createdAt: new Date(CREATED_MS).toISOString(),
    lastUpdatedAt: new Date(updatedMs).toISOString(),
    ttlMs: 60_000,
    pollIntervalMs: 50,
    ...fields,
  };
}

export const COMPLETED = {
  status: 'completed',
  result: { content: [{ type: 'text', text: 'done' }], isError: false },
};

/** Answers one request; gives `undefined` to break the connection. */
type Reply = object | undefined;

export interface TaskPeerOptions {
  /** The answers to `tasks/get`, one after the other; the last one is repeated. */
  readonly states: readonly (Reply | ((request: RawRequest) => Reply))[];
  /** The answer to `tools/call`. */
  readonly created?: object;
  /** Takes a stream that a client opened to listen. Default: refused. */
  readonly onListen?: (res: ServerResponse, id: unknown) => void;
  readonly onUpdate?: (request: RawRequest) => Reply;
}

export interface TaskPeer extends RawServer {
  /** The parameters of all requests of a method. */
  sent(method: string): Record<string, unknown>[];
}

/** An error in place of a result. */
export class Refused {
  readonly status: number;
  readonly error: object;

  constructor(status: number, code: number) {
    this.status = status;
    this.error = { code, message: 'refused' };
  }
}

export function acknowledgement(id: unknown, taskIds: readonly string[]): string {
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
  const params = { _meta, notifications: { taskIds } };
  return event({ method: 'notifications/subscriptions/acknowledged', params });
}

export function news(id: unknown, state: object): string {
  const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
  return event({ method: 'notifications/tasks', params: { _meta, ...state } });
}

function respond(res: ServerResponse, id: unknown, reply: Reply): void {
  if (reply === undefined) res.destroy();
  else if (reply instanceof Refused) refuse(res, reply.status, { id, error: reply.error });
  else answer(res, id, { resultType: 'complete', ...reply });
}

export async function serveTask(options: TaskPeerOptions): Promise<TaskPeer> {
  const states = [...options.states];
  const next = (request: RawRequest): Reply => {
    const state = states.length > 1 ? states.shift() : states[0];
    return typeof state === 'function' ? (state as (given: RawRequest) => Reply)(request) : state;
  };
  const server = await serveRaw(
    statelessPeer((request, res) => {
      const { id, method } = request.message;
      if (method === 'tools/call') {
        answer(res, id, options.created ?? { resultType: 'task', ...task() });
      } else if (method === 'tasks/get') respond(res, id, next(request));
      else if (method === 'tasks/update') respond(res, id, options.onUpdate?.(request) ?? {});
      else if (method === 'subscriptions/listen' && options.onListen !== undefined) {
        openStream(res);
        options.onListen(res, id);
      } else if (method === 'tasks/cancel') respond(res, id, {});
      else refuse(res, 404, { id, error: { code: -32601, message: 'Method not found' } });
    }, STATELESS),
  );
  return {
    ...server,
    sent: (wanted) =>
      server.requests
        .filter(({ message }) => message.method === wanted)
        .map(({ message }) => message.params ?? {}),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
