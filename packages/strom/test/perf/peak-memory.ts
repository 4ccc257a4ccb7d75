import { readFileSync, writeFileSync } from 'node:fs';

function memoryMb(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

/** By how much the resident memory of this process grows at most, from now on. */
export class PeakMemory {
  readonly #beforeMb = memoryMb('VmRSS');

  constructor() {
    // Forgets the highest size so far.
    writeFileSync('/proc/self/clear_refs', '5');
  }

  /** In MB. */
  grown(): number {
    return memoryMb('VmHWM') - this.#beforeMb;
  }
}
