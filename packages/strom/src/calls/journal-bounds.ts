/** How much of a call's journal is kept. The oldest events go first; the numbers go on. */
export interface JournalBounds {
  /** Most events kept of one call. Default 10 000. */
  readonly maxEventsPerCall?: number;
  /**
   * Most bytes of events kept of one call: of UTF-8 in a file, two for each character in memory. The
   * newest event always stays. Default 4 MiB.
   */
  readonly maxJournalBytesPerCall?: number;
}

const DEFAULTS = {
  maxEventsPerCall: 10_000,
  maxJournalBytesPerCall: 4 * 1024 * 1024,
} as const satisfies JournalBounds;

/** @throws {TypeError} when a bound is not a whole number above 0 */
export function journalBounds(options: JournalBounds): Required<JournalBounds> {
  const bounds = {
    maxEventsPerCall: options.maxEventsPerCall ?? DEFAULTS.maxEventsPerCall,
    maxJournalBytesPerCall: options.maxJournalBytesPerCall ?? DEFAULTS.maxJournalBytesPerCall,
  };
  for (const [name, value] of Object.entries(bounds)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new TypeError(`${name}: must be a whole number above 0`);
    }
  }
  return bounds;
}
