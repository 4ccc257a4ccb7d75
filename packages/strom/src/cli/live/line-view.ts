import type { Clock, Timer } from '../../base/clock.ts';
import type { LiveLog, LiveProgress, LiveStream, LiveView } from './live-view.ts';
import { formatLog } from './log-line.ts';
import { type Palette, paintNote } from './palette.ts';
import { formatProgressLine, formatTaken } from './progress-line.ts';

export interface LineViewOptions {
  readonly stream: LiveStream;
  readonly clock: Clock;
  readonly palette: Palette;
  readonly showsProgress: boolean;
}

/** Fast tools must not fill a log file: of the progress within this time only the last is shown. */
const PROGRESS_PERIOD_MS = 1_000;

/** Lines with a time in front, for logs, files and terminals that cannot redraw. */
export class LineView implements LiveView {
  readonly #options: LineViewOptions;
  #label = '';
  #startedAtMs = 0;
  #last: LiveProgress | undefined;
  #waiting: LiveProgress | undefined;
  #pause: Timer | undefined;

  constructor(options: LineViewOptions) {
    this.#options = options;
  }

  begin(label: string): void {
    this.#label = label;
    this.#last = undefined;
    this.#startedAtMs = this.#options.clock.now();
  }

  progress(update: LiveProgress): void {
    if (!this.#options.showsProgress) return;
    this.#last = update;
    this.#waiting = update;
    if (this.#pause === undefined) this.#showWaiting();
  }

  log(entry: LiveLog): void {
    this.#write(formatLog(entry, this.#options.palette));
  }

  note(text: string, tone?: keyof Palette): void {
    this.#write(paintNote(text, this.#options.palette, tone));
  }

  suspend(): () => void {
    // Lines never have to be taken back, so a question can stand between them.
    return () => undefined;
  }

  /** Says once more how far the work came, and how long it took. */
  done(): void {
    this.#pause?.cancel();
    this.#pause = undefined;
    this.#waiting = undefined;
    if (this.#last === undefined) return;
    const elapsedMs = this.#options.clock.now() - this.#startedAtMs;
    const { progress, total } = this.#last;
    const message = `after ${formatTaken(elapsedMs)}`;
    this.#writeProgress({ progress, total, message });
    this.#last = undefined;
  }

  #showWaiting(): void {
    this.#pause = undefined;
    if (this.#waiting === undefined) return;
    this.#writeProgress(this.#waiting);
    this.#waiting = undefined;
    this.#pause = this.#options.clock.after(PROGRESS_PERIOD_MS, () => this.#showWaiting());
  }

  #writeProgress(update: LiveProgress): void {
    this.#write(formatProgressLine(this.#label, update));
  }

  #write(text: string): void {
    const { stream, clock, palette } = this.#options;
    const time = palette.faint(new Date(clock.now()).toISOString());
    stream.write(`${time}  ${text}\n`);
  }
}
