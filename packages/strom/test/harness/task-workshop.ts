/** A server whose tools run as tasks, and wait for the test. */
import { ToolError } from '../../src/base/tool-error.ts';
import { WireError } from '../../src/base/wire-error.ts';
import type { Strom } from '../../src/serve/strom.ts';
import type { TaskOptions } from '../../src/server/tool-task.ts';
import { type Started, type StartOptions, startStrom } from './start-strom.ts';
import { StepGate } from './step-gate.ts';

export interface TaskWorkshop extends Started {
  /** Lets the next step of `steps` go on. */
  release(): void;
  /** How often `steps` has begun. */
  readonly begun: () => number;
  /** Resolves when a call of `hang` has been stopped. */
  readonly stopped: Promise<void>;
}

const FAST: TaskOptions = { pollInterval: '50ms' };
const NAME_FORM = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer', default: 7 } },
  required: ['name'],
} as const;

export async function openTaskWorkshop(options: StartOptions = {}): Promise<TaskWorkshop> {
  const gate = new StepGate();
  let begun = 0;
  let tellStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve;
  });
  const started = await startStrom((strom) => {
    const steps: Parameters<Strom['tool']>[2] = async (_args, ctx) => {
      begun += 1;
      for (let step = 1; step <= 2; step += 1) {
        await ctx.progress(step, 2, `step ${step}`);
        await gate.pass();
      }
      return 'all steps';
    };
    const task = { ...FAST, resumable: true };
    strom.tool('steps', { description: 'Waits before each step', task }, steps);
    const after = { ...FAST, after: '50ms' } as const;
    strom.tool('late', { description: 'Is a stream at first', task: after }, steps);
    strom.tool('plain', { description: 'Is never a task' }, () => 'at once');
    strom.tool('hang', { description: 'Waits for its end', task: FAST }, async (_args, ctx) => {
      await ctx.progress(1, 2, 'hanging');
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
      tellStopped();
    });
    addQuestions(strom);
    addFailures(strom);
  }, options);
  return {
    ...started,
    stopped,
    begun: () => begun,
    release: () => gate.release(),
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  };
}

function addQuestions(strom: Strom): void {
  strom.tool('ask', { description: 'Asks for a name', task: FAST }, async (_args, ctx) => {
    const answer = await ctx.ask('Who are you?', NAME_FORM, { key: 'who' });
    return answer.action === 'accept' ? JSON.stringify(answer.content) : answer.action;
  });
}

function addFailures(strom: Strom): void {
  strom.tool('fail', { description: 'Fails', task: FAST }, () => {
    throw new ToolError('the disk is full');
  });
  strom.tool('refuse', { description: 'Answers with an error', task: FAST }, () => {
    throw new WireError(-32_050, 'not today');
  });
}
