import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';

/** For file systems that tell of nothing, and for what a watcher has missed. */
const POLL_MS = 25;

/**
 * Looks whenever something may have happened to a file: told by its directory, because the log
 * beside it comes and goes, and every 25 ms.
 */
export class FileWatch {
  readonly #watcher: FSWatcher | undefined;
  readonly #poll: NodeJS.Timeout;

  constructor(file: string, look: () => void) {
    this.#poll = setInterval(look, POLL_MS);
    this.#watcher = watchFolder(file, look);
  }

  /** Whether watching keeps the process alive. */
  keepAlive(isWanted: boolean): void {
    if (isWanted) this.#poll.ref();
    else this.#poll.unref();
  }

  stop(): void {
    clearInterval(this.#poll);
    this.#watcher?.close();
  }
}

function watchFolder(file: string, look: () => void): FSWatcher | undefined {
  const name = path.basename(file);
  try {
    const watcher = watch(path.dirname(file), { persistent: false }, (_, changed) => {
      if (changed === null || changed.startsWith(name)) look();
    });
    // The poll goes on without it.
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No watcher is to be had, or none any more: the poll does it.
    return undefined;
  }
}
