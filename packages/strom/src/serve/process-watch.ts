import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessWatch } from '../session/process-lease.ts';

/**
 * Tells of the processes of this machine whether they have ended, so that nobody has to wait until
 * their lease runs out. Of other machines, and of other containers, it knows nothing.
 */
export function processWatch(): ProcessWatch {
  const place = placeOf();
  return {
    mark: `${place} ${process.pid} ${startOf(process.pid) ?? ''}`,
    isGone(mark) {
      const [, theirPlace, pid, start] = /^(.*) (\d+) (\d*)$/.exec(mark) ?? [];
      return theirPlace === place && hasEnded(Number(pid), start ?? '');
    },
  };
}

/** Where process ids mean the same: one boot of one machine, and one container on it. */
function placeOf(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // Without these a process id says nothing: no other process is in this place.
    return `${hostname()} ${crypto.randomUUID()}`;
  }
}

function hasEnded(pid: number, start: string): boolean {
  const now = startOf(pid);
  // A process id is given again, to the next process or in the next life of a container.
  if (now !== undefined && start !== '') return now !== start;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Field 22 of the line, counted from the one after the state. */
const START_FIELD = 18;
const ENDED = 'ended';

/**
 * When a process was started, in ticks of the machine; `undefined` where that is not to be had, and
 * no number for one that has ended and waits for its parent.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, which stands in parentheses, may hold anything.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? ENDED : fields[START_FIELD];
  } catch {
    // Not this platform, not to be seen by this user, or no such process.
    return undefined;
  }
}
