/**
 * `strom/client`: connect to any MCP server, in Node or in a browser.
 *
 * @module
 */
export type { LogLevel } from '../base/log-level.ts';
export { StromError } from '../base/strom-error.ts';
export { WireError } from '../base/wire-error.ts';
export type {
  LogEntry,
  ProgressUpdate,
  QuestionMethod,
  QuestionNotice,
} from '../client/call-notice.ts';
export { Client, type ListOptions, type ToolArguments } from '../client/client.ts';
export type {
  CallOptions,
  ConnectOptions,
  EraOption,
  HeaderSource,
  RequestOptions,
  StreamOptions,
  TaskOptions,
} from '../client/client-options.ts';
export { connect } from '../client/connect.ts';
export type { TransportName } from '../client/exchange.ts';
export type { QuestionContext, QuestionHandlers } from '../client/handlers.ts';
export type { HttpStatusData } from '../client/http-error.ts';
export type { KeyedQuestion } from '../client/input-required.ts';
export type { Era, ServerFacts } from '../client/link.ts';
export type { PlainChunk } from '../client/plain-decode.ts';
export { type PlainStreamOptions, streamUrl } from '../client/plain-stream.ts';
export type { StreamEvent } from '../client/stream-event.ts';
export type {
  OnChange,
  Subscription,
  SubscriptionEnd,
  SubscriptionFilter,
} from '../client/subscription.ts';
export type { CommandTarget, ConnectTarget } from '../client/target.ts';
export type {
  SavedTask,
  TaskAnswers,
  TaskHandle,
  TaskHandleOptions,
  TaskRequestOptions,
  TaskWaitOptions,
} from '../client/task-handle.ts';
export type { TaskSnapshot } from '../client/task-snapshot.ts';
export type { Change } from '../protocol/call-event.ts';
export type { LocalConnection, LocalTarget } from '../protocol/local-target.ts';
export type { RpcMessage, RpcNotification } from '../protocol/message.ts';
export type { TaskStatus } from '../protocol/task.ts';
