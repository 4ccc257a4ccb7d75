import { once } from 'node:events';

/** Calls `leave` on the first SIGINT or SIGTERM, until `done` is aborted. */
export function onSignal(leave: () => Promise<void>, done: AbortSignal): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    once(process, name, { signal: done }).then(leave, () => {
      // Aborted: the server has closed and waits for no signal any more.
    });
  }
}
