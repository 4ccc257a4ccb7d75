import type { LogFields, Logger } from '../../src/base/logger.ts';

export interface LogRecord {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: LogFields;
  readonly message: string;
}

/** A logger that keeps what it is told. */
export class LogRecorder implements Logger {
  readonly records: LogRecord[] = [];

  debug(fields: LogFields, message: string): void {
    this.records.push({ level: 'debug', fields, message });
  }

  info(fields: LogFields, message: string): void {
    this.records.push({ level: 'info', fields, message });
  }

  warn(fields: LogFields, message: string): void {
    this.records.push({ level: 'warn', fields, message });
  }

  error(fields: LogFields, message: string): void {
    this.records.push({ level: 'error', fields, message });
  }

  /** The records of one level. */
  at(level: LogRecord['level']): LogRecord[] {
    return this.records.filter((record) => record.level === level);
  }
}
