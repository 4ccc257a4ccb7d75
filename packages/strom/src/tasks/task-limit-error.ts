import { publicError, type StromError } from '../base/strom-error.ts';

/** What a store answers that holds as many open tasks as it may. */
export function tooManyTasks(): StromError {
  const settings = 'the settings are maxTasks and maxTasksPerCaller';
  return publicError('ERR_TASK_LIMIT', `Too many open tasks; ${settings}`);
}
