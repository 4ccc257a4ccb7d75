import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { TemporaryFolder } from './temporary-folder.ts';

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'ignore' });
}

/** A file system of its own in memory, which needs the rights to mount one. */
export class SmallDisk implements Disposable {
  readonly #folder = new TemporaryFolder();
  readonly #views: TemporaryFolder[] = [];

  constructor(kilobytes: number) {
    try {
      mount('-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', this.#folder.path);
    } catch (error) {
      this.#folder[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether this process may mount. */
  static isPossible(): boolean {
    try {
      new SmallDisk(64)[Symbol.dispose]();
      return true;
    } catch {
      // Not allowed here, or not this system's way.
      return false;
    }
  }

  get file(): string {
    return path.join(this.#folder.path, 'store.db');
  }

  /** Makes the disk larger or smaller. */
  resize(kilobytes: number): void {
    mount('-o', `remount,size=${kilobytes}k`, this.#folder.path);
  }

  /** The same file where nothing may be written. */
  get readOnlyFile(): string {
    const view = new TemporaryFolder();
    mount('--bind', this.#folder.path, view.path);
    this.#views.push(view);
    mount('-o', 'remount,bind,ro', view.path);
    return view.file;
  }

  [Symbol.dispose](): void {
    for (const folder of [...this.#views, this.#folder]) {
      execFileSync('umount', ['-l', folder.path], { stdio: 'ignore' });
      folder[Symbol.dispose]();
    }
  }
}
