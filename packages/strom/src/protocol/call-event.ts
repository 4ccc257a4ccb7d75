/**
 * What a call says while it runs and when it ends: the vocabulary between the server core, which
 * produces events, and the views, which encode them.
 *
 * @module
 */
import type { JsonObject } from '../base/json.ts';
import type { LogLevel } from '../base/log-level.ts';
import type { StromError } from '../base/strom-error.ts';
import type { WireError } from '../base/wire-error.ts';
import type { Question } from './question.ts';
import type { DetailedTask, TaskFacts } from './task.ts';

export interface ProgressEvent {
  readonly kind: 'progress';
  /** Grows with every event of a call. */
  readonly progress: number;
  readonly total: number | undefined;
  readonly message: string | undefined;
}

export interface LogEvent {
  readonly kind: 'log';
  readonly level: LogLevel;
  readonly data: unknown;
  readonly logger: string | undefined;
}

/** One piece of a streaming tool's output, in order. */
export interface ChunkEvent {
  readonly kind: 'chunk';
  readonly value: unknown;
}

/** Which change notifications a listener wants, or was granted. */
export interface ChangeFilter {
  readonly toolsListChanged?: boolean;
  readonly promptsListChanged?: boolean;
  readonly resourcesListChanged?: boolean;
  readonly resourceSubscriptions?: readonly string[];
  /** Tasks of the listener. */
  readonly taskIds?: readonly string[];
}

/** The first event of a listening call: what it will be told about. */
export interface AcknowledgedEvent {
  readonly kind: 'acknowledged';
  readonly filter: ChangeFilter;
}

export type Change =
  | { readonly topic: 'tools' | 'prompts' | 'resources' }
  | { readonly topic: 'resource'; readonly uri: string };

export interface ChangeEvent {
  readonly kind: 'change';
  readonly change: Change;
}

/** A listener's task as it stands now. */
export interface TaskEvent {
  readonly kind: 'task';
  readonly task: DetailedTask;
}

export type CallEvent =
  | ProgressEvent
  | LogEvent
  | ChunkEvent
  | AcknowledgedEvent
  | ChangeEvent
  | TaskEvent;

/** How long and by whom a result may be cached. */
export interface CacheHint {
  readonly ttlMs: number;
  readonly scope: 'public' | 'private';
}

/** Questions by the keys under which their answers come back. */
export type Questions = Readonly<Record<string, Question>>;

export interface ResultOutcome {
  readonly kind: 'result';
  readonly result: JsonObject;
  readonly cache?: CacheHint;
}

/** How a call ended. Exactly one outcome per call, always last. */
export type Outcome =
  | ResultOutcome
  | {
      /** The caller has to answer first, and then ask again with the answers and the state. */
      readonly kind: 'input_required';
      readonly questions: Questions;
      readonly requestState: string;
    }
  | {
      /** The call goes on as a task; only for callers that take tasks. */
      readonly kind: 'task';
      readonly task: TaskFacts;
    }
  | { readonly kind: 'error'; readonly error: StromError | WireError };
