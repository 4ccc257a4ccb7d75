/**
 * Turns a call that runs into a task: the caller gets a handle, the handler goes on undisturbed.
 *
 * @module
 */
import { toJson } from '../base/json.ts';
import { StromError } from '../base/strom-error.ts';
import type { Call } from '../calls/call.ts';
import { taskFacts } from '../tasks/task-object.ts';
import type { TaskRun } from '../tasks/task-run.ts';
import { memoryTexts } from './call-memory.ts';
import type { Core } from './core.ts';
import type { Interview } from './interview.ts';
import type { CompiledTool } from './tool.ts';
import type { CompiledTask } from './tool-task.ts';

export interface PromotionOptions {
  readonly core: Core;
  readonly call: Call;
  readonly tool: CompiledTool;
  readonly task: CompiledTask;
  readonly interview: () => Interview;
}

export class Promotion {
  readonly #options: PromotionOptions;
  #promoting: Promise<void> | undefined;

  constructor(options: PromotionOptions) {
    this.#options = options;
  }

  /** Promotes the call, once. Never rejects: a call that cannot become a task stays a call. */
  promote(): Promise<void> {
    this.#promoting ??= this.#promote().catch((error: unknown) => {
      this.#options.core.logger.warn({ err: error }, 'a call could not become a task');
    });
    return this.#promoting;
  }

  async #promote(): Promise<void> {
    const { core, call, tool, task } = this.#options;
    if (call.ended) return;
    const interview = this.#options.interview();
    // Named now, so that a second attempt bears the same name.
    const key = interview.idempotencyKey;
    const kept = memoryTexts({ ...interview.memory, idempotencyKey: key });
    const run = await core.tasks.adopt({
      kind: tool.name,
      request: call.request,
      settings: task,
      checkpoint: kept,
      answers: texts(interview.answers),
    });
    await this.#keepRest(run, interview, kept);
    if (call.ended) {
      run.abandon(new StromError('ERR_CANCELLED', 'the call ended before it was a task'));
      return;
    }
    run.begin(call);
    const facts = taskFacts(run.claim.task, task.pollIntervalMs);
    call.handOver(run, { kind: 'task', task: facts });
    call.limitTo(tool.timeoutMs ?? task.ttlMs);
  }

  /** Keeps what the handler did while the task was made; it returns when there is nothing left. */
  async #keepRest(run: TaskRun, interview: Interview, kept: Record<string, string>): Promise<void> {
    for (;;) {
      const missing = Object.entries(memoryTexts(interview.memory)).filter(
        ([name, text]) => kept[name] !== text,
      );
      if (missing.length === 0) return;
      for (const [name, text] of missing) kept[name] = text;
      await Promise.all(missing.map(([name, text]) => run.remember(name, text)));
    }
  }
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, toJson(value)]));
}
