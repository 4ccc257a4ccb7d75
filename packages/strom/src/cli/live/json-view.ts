import type { LiveLog, LiveProgress, LiveStream, LiveView } from './live-view.ts';
import { plainJson } from './terminal-text.ts';

/**
 * One JSON object a line, for a program that reads along. Nothing is left out, and a terminal that
 * reads along shows it as it is.
 */
export class JsonView implements LiveView {
  readonly #stream: LiveStream;

  constructor(stream: LiveStream) {
    this.#stream = stream;
  }

  begin(): void {
    // A program knows what it has started.
  }

  progress({ progress, total, message }: LiveProgress): void {
    this.#write({ type: 'progress', progress, total, message });
  }

  log({ level, data, logger }: LiveLog): void {
    this.#write({ type: 'log', level, data, logger });
  }

  note(message: string): void {
    this.#write({ type: 'note', message });
  }

  suspend(): () => void {
    return () => undefined;
  }

  done(): void {
    // Every line is complete when it is written.
  }

  #write(event: object): void {
    this.#stream.write(`${plainJson(JSON.stringify(event))}\n`);
  }
}
