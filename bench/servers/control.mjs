/**
 * What every measured server does for the bench beside serving: it says where it listens and tells,
 * over the IPC channel of its parent, its CPU time, its memory and its counters.
 *
 * Measured processes are plain JavaScript run by plain Node: no loader shares their core.
 *
 * @module
 */
import process from 'node:process';

const counters = {};

/** Adds to a counter that the bench can read. */
export function count(name, amount = 1) {
  counters[name] = (counters[name] ?? 0) + amount;
}

const ANSWERS = {
  /** Microseconds of CPU this process has used, on all its threads. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** Bytes after two forced collections; needs `--expose-gc`. */
  memory() {
    globalThis.gc();
    globalThis.gc();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, peakRss: process.resourceUsage().maxRSS * 1024 };
  },
  counters: () => counters,
};

/**
 * Tells the bench that the server listens, and answers its questions from now on.
 *
 * @param headers - what every request to this server has to carry
 */
export function ready(port, headers = {}) {
  process.on('message', ({ id, method }) => process.send({ id, result: ANSWERS[method]() }));
  process.on('disconnect', () => process.exit(0));
  process.send({ ready: port, headers });
}
