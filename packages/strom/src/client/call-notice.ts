/**
 * What a caller sees of a running call, whatever carried it.
 *
 * @module
 */
import { type JsonObject, ownValue } from '../base/json.ts';
import { isLogLevel, type LogLevel } from '../base/log-level.ts';
import type { RpcMessage, RpcRequest } from '../protocol/message.ts';

export interface ProgressUpdate {
  readonly progress: number;
  readonly total: number | undefined;
  readonly message: string | undefined;
}

export interface LogEntry {
  readonly level: LogLevel;
  readonly data: unknown;
  readonly logger: string | undefined;
}

/** The methods with which a server asks the client something. */
export const QUESTION_METHODS = [
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
] as const;

export type QuestionMethod = (typeof QUESTION_METHODS)[number];

/** A question of the server, told for display; the handler of the connection answers it. */
export interface QuestionNotice {
  readonly method: QuestionMethod;
  readonly params: JsonObject;
}

/** Everything a call says before it ends. */
export type CallNotice =
  | ({ readonly kind: 'progress' } & ProgressUpdate)
  | ({ readonly kind: 'log' } & LogEntry)
  | ({ readonly kind: 'question' } & QuestionNotice);

/** JSON can write numbers that are too large to be one. */
function optionalNumber(value: unknown): number | undefined {
  return Number.isFinite(value) ? (value as number) : undefined;
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function toProgress(params: JsonObject): CallNotice | undefined {
  const progress = optionalNumber(ownValue(params, 'progress'));
  if (progress === undefined) return undefined;
  const total = optionalNumber(ownValue(params, 'total'));
  return { kind: 'progress', progress, total, message: optionalText(ownValue(params, 'message')) };
}

/** The content of `notifications/message`; `undefined` when its level is none of the eight. */
export function toLogEntry(params: JsonObject): LogEntry | undefined {
  const level = ownValue(params, 'level');
  if (!isLogLevel(level)) return undefined;
  return {
    level,
    data: ownValue(params, 'data'),
    logger: optionalText(ownValue(params, 'logger')),
  };
}

/** Whether a request of the server is a question to the user of this client. */
export function isQuestion(method: string): method is QuestionMethod {
  return (QUESTION_METHODS as readonly string[]).includes(method);
}

function toQuestion(request: RpcRequest): CallNotice | undefined {
  if (!isQuestion(request.method)) return undefined;
  return { kind: 'question', method: request.method, params: request.params };
}

/** What a message means to the caller; `undefined` for messages that are no news of the call. */
export function toNotice(message: RpcMessage): CallNotice | undefined {
  if (message.kind === 'request') return toQuestion(message);
  if (message.kind !== 'notification') return undefined;
  if (message.method === 'notifications/progress') return toProgress(message.params);
  if (message.method !== 'notifications/message') return undefined;
  const entry = toLogEntry(message.params);
  return entry && { kind: 'log', ...entry };
}
