/**
 * Shows a person how a call goes, while it goes: a bar that is redrawn in place, or plain lines, or
 * JSON lines for a program that watches.
 *
 * A view writes to one stream (standard error, as a rule) and reads nothing. Everything it shows is
 * made safe for a terminal first. Time and width come from outside, so its bytes can be tested.
 *
 * @module
 */
import type { Clock } from '../../base/clock.ts';
import type { LogLevel } from '../../base/log-level.ts';
import type { Palette } from './palette.ts';

export interface LiveProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface LiveLog {
  readonly level: LogLevel;
  readonly data: unknown;
  readonly logger?: string | undefined;
}

export interface LiveView {
  /** Shows that work has begun. @param label - what is being done, in a word or two */
  begin(label: string): void;
  /** Shows how far the work is. Only the newest state counts; views may leave out some. */
  progress(update: LiveProgress): void;
  /** Shows one message of the work; none is left out. */
  log(entry: LiveLog): void;
  /** Shows a line of the program's own. @param tone - how it is coloured, where there is colour */
  note(text: string, tone?: keyof Palette): void;
  /** Leaves the terminal alone until the returned function is called, so that a question fits in. */
  suspend(): () => void;
  /** Shows the last state, stops every timer and leaves the cursor on an empty line. */
  done(): void;
}

/**
 * `bar`: one line redrawn in place, logs above it; needs a terminal. `plain`: lines with a time,
 * progress at most once a second. `json`: one JSON object a line. `none`: logs and notes only.
 * `silent`: nothing.
 */
export type LiveMode = 'bar' | 'plain' | 'json' | 'none' | 'silent';

/** Where a view writes. */
export interface LiveStream {
  write(text: string): unknown;
}

export interface LiveViewOptions {
  readonly stream: LiveStream;
  readonly mode: LiveMode;
  /** Columns of the terminal; asked before each drawing, because windows change. Default 80. */
  readonly columns?: () => number | undefined;
  /** Whether to use colour. Default false. */
  readonly color?: boolean;
  readonly clock: Clock;
}
