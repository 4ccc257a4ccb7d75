import type { JsonObject } from '../base/json.ts';

/** The tool by which a model asks for the result of a task its client does not know. */
export const FOLLOW_UP_TOOL = 'get_result';

/** What a model is told that has to come back for the result. */
export function stillRunning(taskId: string): JsonObject {
  const text =
    `The work goes on. Call the tool ${FOLLOW_UP_TOOL} with {"taskId": "${taskId}"} ` +
    'to wait for its result.';
  return { content: [{ type: 'text', text }] };
}
