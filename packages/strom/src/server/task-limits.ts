import { MemoryTaskStore } from '../tasks/memory-task-store.ts';
import type { TaskEngineOptions } from '../tasks/task-engine.ts';
import { SERVER_DEFAULTS, type ServerOptions } from './server-options.ts';

type Limits = Pick<
  TaskEngineOptions,
  'store' | 'isDurable' | 'leaseMs' | 'maxRunning' | 'maxPerOwner' | 'maxInAll'
>;

/** Where and within which limits the options of a server let tasks run. */
export function taskLimits(options: ServerOptions): Limits {
  const given = { ...SERVER_DEFAULTS, ...options };
  return {
    store: options.store ?? new MemoryTaskStore(options.clock && { clock: options.clock }),
    isDurable: options.store?.isDurable === true,
    leaseMs: given.taskLeaseMs,
    maxRunning: given.maxRunningTasks,
    maxPerOwner: given.maxTasksPerCaller,
    maxInAll: given.maxTasks,
  };
}
