import { stripVTControlCharacters, styleText } from 'node:util';
import type { LogEntry, ProgressUpdate, StreamEvent } from 'strom/client';

/** Where a view writes to; standard error, or a recorder. */
export interface Screen {
  write(text: string): unknown;
  /** Characters of a line. */
  readonly columns: number;
  readonly hasColors: boolean;
}

/** Shows the events of a call while it runs. */
export interface View {
  title(text: string): void;
  event(event: StreamEvent): void;
  /** Leaves the screen as a shell expects it. */
  end(): void;
}

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Partial<Record<LogEntry['level'], Style>>> = {
  info: 'green',
  notice: 'cyan',
  warning: 'yellow',
};
const ERASE_LINE = '\r\u001b[K';
const BAR_CELLS = 24;

/** What a server sends is text to show; it must not steer the terminal. */
function printable(text: unknown): string {
  const plain = typeof text === 'string' ? text : JSON.stringify(text);
  return stripVTControlCharacters(plain).replaceAll(/\p{Cc}/gu, ' ');
}

/** A bar that stays on the last line, with the notifications scrolling above it. */
export class LiveView implements View {
  readonly #screen: Screen;
  readonly #startedMs = performance.now();
  #bar = '';

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  title(text: string): void {
    this.#line(this.#paint('bold', text));
  }

  event(event: StreamEvent): void {
    if (event.kind === 'progress') this.#progress(event);
    else if (event.kind === 'log') this.#log(event);
  }

  end(): void {
    this.#screen.write(`${ERASE_LINE}${this.#bar}${this.#bar === '' ? '' : '\n'}`);
  }

  #progress({ progress, total = 0, message = '' }: ProgressUpdate): void {
    const share = total > 0 ? Math.min(1, progress / total) : 0;
    const cells = Math.round(share * BAR_CELLS);
    const bar = this.#paint('green', '█'.repeat(cells)) + '░'.repeat(BAR_CELLS - cells);
    const text = ` ${String(Math.round(share * 100)).padStart(3)} %  ${printable(message)}`;
    this.#bar = bar + text.slice(0, Math.max(0, this.#screen.columns - BAR_CELLS - 1));
    this.#screen.write(ERASE_LINE + this.#bar);
  }

  #log({ level, data }: LogEntry): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(1).padStart(5);
    const name = this.#paint(LEVEL_STYLES[level] ?? 'red', level.padEnd(8));
    const room = this.#screen.columns - seconds.length - level.padEnd(8).length - 5;
    this.#line(`${seconds} s ${name} ${printable(data).slice(0, room)}`);
  }

  #line(text: string): void {
    this.#screen.write(`${ERASE_LINE}${text}\n${this.#bar}`);
  }

  #paint(style: Style, text: string): string {
    return this.#screen.hasColors ? styleText(style, text, { validateStream: false }) : text;
  }
}

/** One line an event with the time of day, for logs and for screen readers. */
export class PlainView implements View {
  readonly #screen: Pick<Screen, 'write'>;

  constructor(screen: Pick<Screen, 'write'>) {
    this.#screen = screen;
  }

  title(text: string): void {
    this.#line(text);
  }

  event(event: StreamEvent): void {
    if (event.kind === 'progress') {
      const { progress, total = '?', message = '' } = event;
      const done = Number.isInteger(progress) ? progress : progress.toFixed(2);
      this.#line(`progress ${done}/${total} ${printable(message)}`);
    } else if (event.kind === 'log') this.#line(`${event.level} ${printable(event.data)}`);
  }

  end(): void {
    // Every line stands for itself.
  }

  #line(text: string): void {
    this.#screen.write(`${new Date().toISOString()} ${text}\n`);
  }
}
