/**
 * Turns what the engine tells into progress and log lines of one call.
 *
 * The line of a document is on its way before the next document is touched:
 * the engine waits for {@link LiveReporter.onDocument}.
 *
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import type { Context } from 'strom';
import type { PageProgress } from '../engine.ts';
import { formatOfName } from '../formats/format.ts';
import type { DocumentRecord } from '../jobs/manifest.ts';

const UNITS: Readonly<Record<string, string>> = {
  pptx: 'slide',
  xlsx: 'sheet',
  xls: 'sheet',
  ods: 'sheet',
  epub: 'chapter',
};

export class LiveReporter {
  readonly #ctx: Context;
  readonly #total: number;

  constructor(ctx: Context, total: number) {
    this.#ctx = ctx;
    this.#total = total;
  }

  /** Reports document `number`, counted from 1. */
  async onDocument(record: DocumentRecord, number: number): Promise<void> {
    const place = `${number}/${this.#total}`;
    const line = `Processing document ${place}: ${record.path}`;
    const skipped = ` (${record.error?.code ?? 'skipped'})`;
    const shown = record.status === 'skipped' ? line + skipped : line;
    await this.#ctx.progress(number, this.#total, shown);
    if (record.status === 'failed') {
      const code = record.error?.code ?? 'unknown';
      await this.#ctx.warning(`Document ${place} failed: ${record.path} (${code})`);
    } else {
      await this.#ctx.info(shown);
    }
    // Strom writes what was said in one turn of the event loop at its end; only then is it sent.
    await setImmediate();
  }

  /**
   * Reports a page inside document `number`, between its predecessor and itself.
   *
   * Not awaited: while the caller reads slowly only the newest page is kept.
   * The last page is left to {@link LiveReporter.onDocument}.
   */
  onPage({ path, page, total }: PageProgress, number: number): void {
    if (page >= total) return;
    const unit = UNITS[formatOfName(path) ?? ''] ?? 'page';
    const done = number - 1 + page / total;
    void this.#ctx.progress(done, this.#total, `${path}: ${unit} ${page}/${total}`);
  }

  /** Says that all is done. */
  async onComplete(): Promise<void> {
    await this.#ctx.info('Processing complete!');
  }
}
