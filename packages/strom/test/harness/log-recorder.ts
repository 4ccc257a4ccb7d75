import type { LogFields, Logger } from '../../src/base/logger.ts';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

/** A logger that keeps what it is told. */
export class LogRecorder implements Logger {
  readonly records: LogRecord[] = [];
  readonly #waiting = new Map<string, () => void>();

  debug(fields: LogFields, message: string): void {
    this.#add({ level: 'debug', fields, message });
  }

  info(fields: LogFields, message: string): void {
    this.#add({ level: 'info', fields, message });
  }

  warn(fields: LogFields, message: string): void {
    this.#add({ level: 'warn', fields, message });
  }

  error(fields: LogFields, message: string): void {
    this.#add({ level: 'error', fields, message });
  }

  /** Resolves when a record with this message comes in. */
  waitFor(message: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(message, resolve);
    });
  }

  /** The records of one level. */
  at(level: LogRecord['level']): LogRecord[] {
    return this.records.filter((record) => record.level === level);
  }

  #add(record: LogRecord): void {
    this.records.push(record);
    this.#waiting.get(record.message)?.();
  }
}
