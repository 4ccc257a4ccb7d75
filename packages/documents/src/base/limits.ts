/**
 * The bounds one document is converted within.
 *
 * @module
 */

const MIB = 1024 * 1024;

/** Every limit is per document. Sizes are bytes, durations milliseconds. */
export interface Limits {
  /** Largest file that is read. Default 64 MiB. */
  readonly maxInputBytes: number;
  /** Most bytes an archive (DOCX, XLSX, PPTX, ODS, EPUB) may inflate to. Default 128 MiB. */
  readonly maxInflatedBytes: number;
  /** Most entries an archive may hold. Default 10,000. */
  readonly maxArchiveEntries: number;
  /** Largest inflated:compressed ratio of an entry above 1 MiB. Default 200. */
  readonly maxInflateRatio: number;
  /** Most PDF pages, slides, sheets or chapters. Default 2,000. */
  readonly maxPages: number;
  /** Most spreadsheet or CSV cells. Default 2,000,000. */
  readonly maxCells: number;
  /** Largest Markdown one document may become. Default 32 MiB. */
  readonly maxMarkdownBytes: number;
  /** Resident memory of the process that converts. Default 768 MiB. */
  readonly memoryBytes: number;
  /** Wall time from the first byte to the last. Default 60,000 (one minute). */
  readonly timeoutMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  maxInputBytes: 64 * MIB,
  maxInflatedBytes: 128 * MIB,
  maxArchiveEntries: 10_000,
  maxInflateRatio: 200,
  maxPages: 2_000,
  maxCells: 2_000_000,
  maxMarkdownBytes: 32 * MIB,
  memoryBytes: 768 * MIB,
  timeoutMs: 60_000,
};

/**
 * Fills in the defaults and refuses a limit that would not limit.
 *
 * @throws {TypeError} if a limit is not a finite number above zero
 */
export function completeLimits(limits: Partial<Limits> = {}): Limits {
  const complete = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(complete)) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new TypeError(`The limit ${name} must be a finite number above zero.`);
    }
  }
  return complete;
}
