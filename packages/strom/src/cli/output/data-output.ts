import { CliError } from '../cli-error.ts';
import { plainJson, plainText } from '../live/terminal-text.ts';

/** Standard output, or what takes its place. */
export interface DataStream {
  readonly isTTY?: boolean;
  write(data: string | Uint8Array, onWritten: (error?: Error | null) => void): unknown;
}

/** Data for the person or program that reads standard output; nothing else is written there. */
export class DataOutput {
  readonly #stream: DataStream;

  constructor(stream: DataStream) {
    this.#stream = stream;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Writes text on lines of its own. A terminal gets it without control characters. */
  text(text: string): Promise<void> {
    if (text === '') return Promise.resolve();
    const shown = this.isTerminal ? plainText(text) : text;
    return this.bytes(shown.endsWith('\n') ? shown : `${shown}\n`);
  }

  /** Writes JSON: on one line, or laid out for reading. */
  json(value: unknown, layout: 'line' | 'pretty'): Promise<void> {
    const text = JSON.stringify(value, undefined, layout === 'pretty' ? 2 : undefined);
    return this.text(this.isTerminal ? plainJson(text) : text);
  }

  /**
   * Writes as it is, and waits until the reader has taken it.
   *
   * @throws {CliError} `output_closed` when the reader has gone, `output_failed` for a full disk
   */
  bytes(data: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(data, (error) => {
        if (error) reject(outputError(error));
        else resolve();
      });
    });
  }
}

function outputError(cause: NodeJS.ErrnoException): CliError {
  const { code } = cause;
  if (code === 'EPIPE') return new CliError('output_closed', 'nobody reads the output', { cause });
  const message = `cannot write to standard output: ${code ?? cause.message}`;
  return new CliError('output_failed', message, { cause });
}
