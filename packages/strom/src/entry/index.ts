/**
 * Strom: write a tool once, every client watches it live.
 *
 * @module
 */

export type { Duration } from '../base/duration.ts';
export { ERROR_CODES, type ErrorCode, type ErrorTraits } from '../base/error-codes.ts';
export type { LogLevel } from '../base/log-level.ts';
export type { Logger } from '../base/logger.ts';
export type { Principal } from '../base/principal.ts';
export { StromError } from '../base/strom-error.ts';
export { ToolError } from '../base/tool-error.ts';
export { WireError } from '../base/wire-error.ts';
export type { CallPace } from '../calls/call-pace.ts';
export type { CacheHint } from '../protocol/call-event.ts';
export type { ClientFacts, TraceContext } from '../protocol/operation.ts';
export type { ContentBlock, PromptMessage, Resource } from '../protocol/spec/2026-07-28.ts';
export type { AnySchema } from '../schema/standard-schema.ts';
export type { NodeListener } from '../serve/node-listener.ts';
export type { Running, RunOptions, Transport } from '../serve/run-options.ts';
export { Strom } from '../serve/strom.ts';
export { type Answer, type Asked, question, type UrlAnswer } from '../server/asked.ts';
export type { Completer } from '../server/completer.ts';
export type { AnswersOf, AskOptions, Context } from '../server/context.ts';
export type { PromptDefinition, PromptHandler, PromptReturn } from '../server/prompt.ts';
export type {
  ResourceContent,
  ResourceDefinition,
  ResourceReader,
  ResourceReturn,
  ResourceTemplateDefinition,
  TemplateReader,
} from '../server/resource.ts';
export type { Registration } from '../server/server.ts';
export type { ServerOptions } from '../server/server-options.ts';
export type { Store } from '../server/store.ts';
export type { ToolDefinition, ToolHandler, ToolResult, ToolReturn } from '../server/tool.ts';
export type { TaskOptions, ToolTask } from '../server/tool-task.ts';
export type { HttpOptions } from '../transports/http/http-host.ts';
export type { LegacyUse } from '../transports/http/legacy-sse.ts';
