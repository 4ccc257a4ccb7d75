import type { CallToolResult } from '../protocol/spec/2026-07-28.ts';
import type { CallNotice } from './call-notice.ts';
import type { TaskHandle } from './task-handle.ts';

/** Everything a call of a tool says before it ends. */
export type ToolNotice =
  | CallNotice
  /** The call goes on as a task: what comes from now on are the words and questions of the task. */
  | { readonly kind: 'task'; readonly task: TaskHandle };

/**
 * One step of a streamed call. `result` is always the last, and there is exactly one.
 *
 * `chunk` is a piece of a streaming tool's output; plain HTTP streams carry chunks, MCP itself has
 * no message for them.
 */
export type StreamEvent =
  | ToolNotice
  | { readonly kind: 'chunk'; readonly value: unknown }
  | { readonly kind: 'result'; readonly result: CallToolResult };
