import { ownValue } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { Outcome } from '../protocol/call-event.ts';
import type { Core } from './core.ts';
import { requireScopes } from './require-scopes.ts';
import type { PreparedCall } from './run-tool.ts';
import { FOLLOW_UP_TOOL } from './still-running.ts';
import { type CompiledTool, compileTool } from './tool.ts';
import { errorResult } from './tool-result.ts';
import { waitForTask } from './wait-for-task.ts';

/**
 * The tool a model calls to wait on for work whose client knows no tasks. It answers with the result
 * of the work, or once more with how to wait for it.
 */
export function followUpTool(): CompiledTool {
  const definition = {
    title: 'Get result',
    description: 'Waits for the result of work that another tool has begun',
    input: {
      type: 'object',
      properties: { taskId: { type: 'string', description: 'As the other tool has named it' } },
      required: ['taskId'],
    },
    annotations: { readOnlyHint: true },
  } as const;
  return { ...compileTool(FOLLOW_UP_TOOL, definition, () => undefined), isFollowUp: true };
}

/**
 * Answers a call of {@link followUpTool}.
 *
 * @throws {StromError} `ERR_INSUFFICIENT_SCOPE` for a caller who may not call the other tool any more
 */
export async function followUp(core: Core, { call, value }: PreparedCall): Promise<Outcome> {
  const id = String(ownValue(value as Record<string, unknown>, 'taskId'));
  try {
    const stored = await core.tasks.get(id, call.request.principal.id);
    const tool = core.registry.tools.get(stored.kind);
    if (tool !== undefined) requireScopes(tool, call.request.principal);
    const task = tool?.task;
    if (task !== undefined) return await waitForTask(core, call, { task, stored, waits: 0 });
  } catch (error) {
    if (!(error instanceof StromError) || error.code !== 'ERR_UNKNOWN_TASK') throw error;
  }
  return { kind: 'result', result: errorResult('There is no such work, or its time is over.') };
}
