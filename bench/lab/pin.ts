import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The core of whatever is measured, and that of the load. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Whether processes can be given a core of their own here: two cores and `taskset`. */
export const CAN_PIN =
  availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;

/** A command line that runs on one core, where that is possible and one is given. */
export function pinned(core: number | undefined, command: readonly string[]): readonly string[] {
  return CAN_PIN && core !== undefined ? ['taskset', '-c', String(core), ...command] : command;
}
