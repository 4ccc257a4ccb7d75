import type { Clock, Timer } from '../../base/clock.ts';
import type { LiveLog, LiveProgress, LiveStream, LiveView } from './live-view.ts';
import { formatLog } from './log-line.ts';
import { type Palette, paintNote } from './palette.ts';
import { formatBarLine } from './progress-line.ts';

export interface BarViewOptions {
  readonly stream: LiveStream;
  readonly clock: Clock;
  readonly palette: Palette;
  readonly columns: () => number | undefined;
}

/** The line is redrawn this often for the spinner and the time, and no oftener for progress. */
const FRAME_MS = 100;
const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FINISHED = '•';
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[K';

/** One line at the bottom that is redrawn in place; everything else scrolls away above it. */
export class BarView implements LiveView {
  readonly #options: BarViewOptions;
  #label: string | undefined;
  #update: LiveProgress | undefined;
  #startedAtMs = 0;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #frame = 0;
  #ticker: Timer | undefined;
  #isSuspended = false;

  constructor(options: BarViewOptions) {
    this.#options = options;
  }

  begin(label: string): void {
    const { clock } = this.#options;
    this.#label = label;
    this.#update = undefined;
    this.#startedAtMs = clock.now();
    this.#ticker ??= clock.every(FRAME_MS, () => this.#tick());
    this.#draw();
  }

  progress(update: LiveProgress): void {
    this.#update = update;
    if (this.#options.clock.now() - this.#drawnAtMs >= FRAME_MS) this.#draw();
  }

  log(entry: LiveLog): void {
    this.#print(formatLog(entry, this.#options.palette));
  }

  note(text: string, tone?: keyof Palette): void {
    this.#print(paintNote(text, this.#options.palette, tone));
  }

  suspend(): () => void {
    if (this.#isDrawn()) this.#options.stream.write(CLEAR_LINE);
    this.#isSuspended = true;
    return () => {
      this.#isSuspended = false;
      this.#draw();
    };
  }

  /** A line that showed progress stays as it was last; one that only span is removed. */
  done(): void {
    this.#ticker?.cancel();
    this.#ticker = undefined;
    if (this.#isDrawn()) {
      const last = this.#update === undefined ? '' : `${this.#render(FINISHED)}\n`;
      this.#options.stream.write(`${CLEAR_LINE}${last}`);
    }
    this.#label = undefined;
  }

  #isDrawn(): boolean {
    return this.#label !== undefined && !this.#isSuspended;
  }

  #tick(): void {
    this.#frame = (this.#frame + 1) % SPINNER.length;
    this.#draw();
  }

  #render(mark: string): string {
    const { clock, columns, palette } = this.#options;
    const nowMs = clock.now();
    this.#drawnAtMs = nowMs;
    const label = this.#label ?? '';
    const elapsedMs = nowMs - this.#startedAtMs;
    const state = { label, update: this.#update, elapsedMs, mark };
    // In the last column a terminal may wrap before the line can be redrawn.
    return formatBarLine(state, (columns() ?? DEFAULT_COLUMNS) - 1, palette);
  }

  #draw(): void {
    if (this.#isDrawn()) this.#options.stream.write(`\r${this.#render(this.#spinner())}\x1b[K`);
  }

  #spinner(): string {
    return SPINNER[this.#frame] ?? FINISHED;
  }

  /** One write for the text and the line below it, so that nothing flickers. */
  #print(text: string): void {
    if (this.#isDrawn()) {
      this.#options.stream.write(`${CLEAR_LINE}${text}\n${this.#render(this.#spinner())}`);
    } else this.#options.stream.write(`${text}\n`);
  }
}
