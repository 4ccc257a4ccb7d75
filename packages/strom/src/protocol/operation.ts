/**
 * What a request asks for, without a trace of the revision or transport that carried it.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import type { Principal } from '../base/principal.ts';
import type { ClientCapabilities } from './spec/2026-07-28.ts';

/** Everything the server core can be asked to do. */
export type Operation =
  | 'describe'
  | 'tools/list'
  | 'tools/call'
  | 'resources/list'
  | 'resources/templates/list'
  | 'resources/read'
  | 'prompts/list'
  | 'prompts/get'
  | 'completion/complete'
  | 'tasks/get'
  | 'tasks/update'
  | 'tasks/cancel'
  | 'subscriptions/listen';

/** What a client says of itself. For display and logs; never a ground for a security decision. */
export interface ClientFacts {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly capabilities: ClientCapabilities;
}

/** The level from which on a client wants log lines. */
export type LogGate = {
  /** Least severe level the client wants now; `undefined` for none at all. */
  readonly level: LogLevel | undefined;
};

/** W3C trace context, as the caller sent it. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly baggage?: string;
}

export interface OperationRequest {
  readonly operation: Operation;
  readonly params: JsonObject;
  readonly client: ClientFacts;
  /** Who asks, as far as it was verified. */
  readonly principal: Principal;
  /** Read at every log call: a session may change its level while a call runs. */
  readonly logGate: LogGate;
  /** Whether the caller asked for progress. */
  readonly wantsProgress: boolean;
  /** Whether the caller can be given a task instead of a result. */
  readonly takesTasks: boolean;
  readonly trace: TraceContext | undefined;
  /** Answers to the questions of an earlier round, by their keys. */
  readonly inputResponses?: JsonObject | undefined;
  /** What the server asked to be given back with them. */
  readonly requestState?: string | undefined;
  /**
   * Reads a header that mirrors a tool argument (lower-case name), where the transport has
   * headers and the revision demands that they equal the body.
   */
  readonly mirroredHeader?: ((name: string) => string | undefined) | undefined;
}
