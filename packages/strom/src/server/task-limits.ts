import { withDefaults } from '../base/with-defaults.ts';
import { MemoryTaskStore } from '../tasks/memory-task-store.ts';
import type { TaskEngineOptions } from '../tasks/task-engine.ts';
import { SERVER_DEFAULTS, type ServerOptions } from './server-options.ts';

type Limits = Pick<
  TaskEngineOptions,
  'store' | 'isDurable' | 'leaseMs' | 'maxRunning' | 'maxPerOwner' | 'maxInAll'
>;

/** A process that is busy for a moment must not lose its tasks. */
const SHORTEST_LEASE_MS = 100;

/**
 * Where and within which limits the options of a server let tasks run.
 *
 * @throws {TypeError} naming the option that cannot hold
 */
export function taskLimits(options: ServerOptions): Limits {
  const { taskLeaseMs, maxRunningTasks, maxTasks, maxTasksPerCaller } = SERVER_DEFAULTS;
  const defaults = { taskLeaseMs, maxRunningTasks, maxTasks, maxTasksPerCaller };
  const given = withDefaults<Record<keyof typeof defaults, number>>(defaults, options);
  checkWhole('taskLeaseMs', given.taskLeaseMs, SHORTEST_LEASE_MS);
  checkWhole('maxRunningTasks', given.maxRunningTasks, 0);
  checkWhole('maxTasks', given.maxTasks, 0);
  checkWhole('maxTasksPerCaller', given.maxTasksPerCaller, 0);
  return {
    store: options.store ?? new MemoryTaskStore(options.clock && { clock: options.clock }),
    isDurable: options.store?.isDurable === true,
    leaseMs: given.taskLeaseMs,
    maxRunning: given.maxRunningTasks,
    maxPerOwner: given.maxTasksPerCaller,
    maxInAll: given.maxTasks,
  };
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TypeError(`${name} must be a whole number from ${least} on`);
}
