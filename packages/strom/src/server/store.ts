import type { SessionStore } from '../session/session-store.ts';
import type { TaskStore } from '../tasks/task-store.ts';

/**
 * Where a server keeps what must outlive a connection or a process: tasks, and the sessions of older
 * revisions with the streams a client may come back to.
 *
 * Whoever opens a store closes it, after the server has stopped.
 */
export interface Store extends TaskStore, SessionStore, AsyncDisposable {
  append: TaskStore['append'];
  /** Whether other processes of this server see the same. */
  readonly isShared: boolean;
  /** Whether it survives the end of the process. */
  readonly isDurable: boolean;
  /** Writes what is not written yet and lets go of everything; later calls fail with `ERR_STORE`. */
  close(): Promise<void>;
}
