/**
 * Watches the resident memory of another process.
 *
 * The heap flag of V8 does not bound ArrayBuffers, and a process deep in a loop
 * cannot watch itself, so the parent looks from outside.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';

/** Memory grows by a gigabyte a second at worst; the hard cap catches what falls between. */
const INTERVAL_MS = 50;

/**
 * Calls `onExceeded` once if the process uses more than `limitBytes`.
 *
 * Works where `/proc` exists; elsewhere the heap limit alone holds.
 *
 * @returns stops watching
 */
export function watchMemory(pid: number, limitBytes: number, onExceeded: () => void): () => void {
  if (process.platform !== 'linux') return () => {};
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const rss = await readRssBytes(pid);
    if (isStopped || rss === undefined) return;
    if (rss > limitBytes) onExceeded();
    else timer = setTimeout(() => void look(), INTERVAL_MS).unref();
  };
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

async function readRssBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // The process has just ended; its exit is reported elsewhere.
    return undefined;
  }
}
